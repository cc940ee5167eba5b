import { Controller, Get, Header, HttpStatus, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { Watched } from '../../http/watched.js';
import { PARTS, Readiness } from './readiness.js';

/** For probes: no token, no limit of requests, nothing that a stranger should not know (docs/adr/0017). */
@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** That it is answered says it all: a process that is stuck cannot. */
  @Get('live')
  @Watched()
  @Header('Cache-Control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Watched()
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { status, details } = await this.result();
    if (status !== 'ok' && status !== 'degraded') void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status, parts: details };
  }

  private async result(): Promise<HealthCheckResult> {
    const findings = await this.readiness.findings();
    try {
      return await this.checks.check(
        PARTS.map((part) => () => {
          const finding = findings[part];
          const indicator = this.indicators.check(part);
          if (finding.status === 'up') return indicator.up();
          return finding.status === 'down'
            ? indicator.down(finding.message)
            : indicator.degraded(finding.message);
        }),
      );
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
      throw error;
    }
  }
}
