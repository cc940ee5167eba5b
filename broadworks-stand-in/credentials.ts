import { Refused } from './errors.ts';
import type { World } from './world.ts';

/** Facts: Xsi-Actions, "HTTP Basic on every request". */
export class Credentials {
  /** For whom each header may act: a user id, or undefined for everybody. */
  private readonly known = new Map<string, string | undefined>();

  constructor(username: string, password: string, world: World) {
    for (const user of world.everybody) {
      if (user.password !== undefined) this.known.set(headerOf(user.userId, user.password), user.userId);
    }
    this.known.set(headerOf(username, password), undefined);
  }

  /**
   * @returns throws 403 where the user is somebody else's
   * @throws Refused 401
   */
  check(authorization: string | undefined): (userId: string) => void {
    if (authorization === undefined || !this.known.has(authorization)) {
      throw new Refused(401, '110027', 'The credentials are missing or wrong.');
    }
    const own = this.known.get(authorization);
    return (userId) => {
      // Assumption: a user acts for himself or herself alone.
      if (own !== undefined && own !== userId) {
        throw new Refused(403, '110028', 'Not allowed for this user.');
      }
    };
  }
}

function headerOf(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
