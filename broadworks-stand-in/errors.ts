/** Why the switch does not do what it is asked; told to the client as ErrorInfo. */
export class Refused extends Error {
  readonly status: number;
  readonly errorCode: string;

  /** @param errorCode Assumption: ours, since no public table of the codes for call control exists. */
  constructor(status: number, errorCode: string, summary: string) {
    super(summary);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export const noSuchUser = () => new Refused(404, '110001', 'The user is not found.');
export const noSuchCall = () => new Refused(404, '110002', 'The call is not found.');
export const wrongState = () => new Refused(409, '110003', 'The call does not allow this in its state.');
export const badAddress = () => new Refused(400, '110004', 'The address is not valid.');
export const noDevice = () => new Refused(409, '110005', 'No device of the user can be reached.');
export const transferFailed = () => new Refused(409, '110015', 'The transfer has failed.');
/** Assumption: both are answered with ErrorInfo too. */
export const notFound = () => new Refused(404, '110012', 'There is no such resource.');
export const wrongMethod = () => new Refused(405, '110013', 'The method is not allowed.');
