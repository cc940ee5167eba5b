/** The examples of the OpenAPI document, from a run in the sandbox; a test compares them with a run of today. */
export const IMRN_PATH = '/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/imrn/';

export const IMRN_BODIES = {
  'from a mobile': { phoneNumber: '+3225126778', callingPhoneNumber: '+32470123456' },
  'to an extension': { phoneNumber: '5601', callingPhoneNumber: '+32470123456' },
};

/** Bodies that are refused, by the slug of the refusal. */
export const REFUSED_IMRNS = {
  'calling-number-not-found': { phoneNumber: '+3225126778', callingPhoneNumber: '+32470999999' },
  'invalid-phone-number': { phoneNumber: '5699', callingPhoneNumber: '+32470123456' },
};

export const LEASED_IMRN = { imrn: '+3212345690' };
