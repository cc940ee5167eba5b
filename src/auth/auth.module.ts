import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.js';
import { DirectoryModule } from '../directory/directory.module.js';
import { JwtStrategy } from './jwt/jwt.strategy.js';
import { createTokenVerifier } from './jwt/token-keys.js';
import { TokenVerifier } from './jwt/token-verifier.js';

/** Import it where controllers are behind EndUserGuard. */
@Module({
  imports: [DirectoryModule],
  providers: [{ provide: TokenVerifier, inject: [CONFIG], useFactory: createTokenVerifier }, JwtStrategy],
  exports: [TokenVerifier, JwtStrategy, DirectoryModule],
})
export class AuthModule {}
