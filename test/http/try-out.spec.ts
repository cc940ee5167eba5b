import { loadConfig } from '../../src/config/config.js';
import { introduction } from '../../src/http/try-out.js';
import { tryOut } from '../../src/service.js';

const pageFor = (env: Record<string, string>) => introduction(tryOut(loadConfig(env)));
const TOKEN = 'npm run -s token -- --tenant foo --group foogroup --user foouser';
const DIRECTORY_FILE = 'src/directory/demo-directory.yaml';

describe('the page of the API speaks only of what is there', () => {
  it('in the sandbox, of the token command and of the numbers', () => {
    expect(pageFor({})).toContain(`\n   ${TOKEN}\n`);
    expect(pageFor({})).toContain('| +3212345680 | busy |');
  });

  it('with a data folder of its own, of the token that is made there', () => {
    expect(pageFor({ DATA_DIR: '/srv/calls' })).toContain(`\n   DATA_DIR=/srv/calls ${TOKEN}\n`);
  });

  it('with a directory of its own, of no user and no number that is made up', () => {
    const page = pageFor({ DIRECTORY_FILE });
    expect(page).toContain('--tenant TENANT --group GROUP --user USER');
    expect(page).not.toContain('sandbox');
  });

  it('with a real trunk, of no number of the virtual one', () => {
    expect(pageFor({ SIP_TRUNK: '192.0.2.1' })).not.toContain('+3212345680');
  });

  it('with keys of an issuer, of no token of the own key', () => {
    const page = pageFor({
      JWKS_URL: 'https://issuer.example.test/keys',
      JWT_ISSUER: 'https://issuer.example.test',
      JWT_AUDIENCE: 'calls',
    });
    expect(page).not.toContain('npm run');
    expect(page).toContain('Get a token from the issuer');
  });
});
