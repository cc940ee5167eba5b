import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { CallingUser } from '../../auth/http/calling-user.js';
import { EndUserGuard } from '../../auth/http/end-user.guard.js';
import type { User } from '../../directory/domain/user.js';
import { bodyPipe } from '../../http/validation.js';
import { LeaseImrn } from '../application/lease-imrn.js';
import { IMRN_SCHEMA } from './imrn-schema.js';
import { DescribeImrn } from './imrn.docs.js';
import { ImrnBody } from './imrn.dto.js';

/** "IMRN Resource Create" of the reference page. */
@Controller('api/v1/tenants/:tenantId/groups/:groupId/users/:userId/services/calls/imrn')
@UseGuards(EndUserGuard)
@ApiTags('Call Service')
@ApiBearerAuth()
export class ImrnController {
  constructor(private readonly leaseImrn: LeaseImrn) {}

  @Post()
  @DescribeImrn()
  @RouteSchema({ response: { 201: IMRN_SCHEMA } })
  async lease(@CallingUser() user: User, @Body(bodyPipe) { phoneNumber, callingPhoneNumber }: ImrnBody) {
    return { imrn: await this.leaseImrn.lease(user, phoneNumber, callingPhoneNumber) };
  }
}
