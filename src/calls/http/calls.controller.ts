import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query, UseGuards } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import { CallingUser } from '../../auth/http/calling-user.js';
import { EndUserGuard } from '../../auth/http/end-user.guard.js';
import type { User } from '../../directory/domain/user.js';
import { HttpProblem } from '../../http/problems.js';
import { bodyPipe, queryPipe } from '../../http/validation.js';
import { DialNumber } from '../application/dial-number.js';
import { GetCall } from '../application/get-call.js';
import { HoldCall } from '../application/hold-call.js';
import { ListCalls } from '../application/list-calls.js';
import { ReconnectCall } from '../application/reconnect-call.js';
import { ReleaseCall } from '../application/release-call.js';
import { CallId } from './call-id.js';
import { CALL_LIST_SCHEMA, CALL_SCHEMA, EMPTY_SCHEMA, STARTED_CALL_SCHEMA } from './call-schemas.js';
import { callList, callView } from './call-view.js';
import { DialBody, ListBody, ListQuery, ModifyBody } from './calls.dto.js';
import { DescribeDial, DescribeGet, DescribeList, DescribeModify, DescribeRelease } from './calls.docs.js';

/** "Call Service" of the reference page. Bodies of `GET {callId}` and `DELETE` are read and mean nothing. */
@Controller('api/v1/tenants/:tenantId/groups/:groupId/users/:userId/services/calls')
@UseGuards(EndUserGuard)
@ApiTags('Call Service')
@ApiBearerAuth()
export class CallsController {
  constructor(
    private readonly dialNumber: DialNumber,
    private readonly listCalls: ListCalls,
    private readonly getCall: GetCall,
    private readonly holdCall: HoldCall,
    private readonly reconnectCall: ReconnectCall,
    private readonly releaseCall: ReleaseCall,
  ) {}

  @Post()
  @DescribeDial()
  @RouteSchema({ response: { 201: STARTED_CALL_SCHEMA } })
  dial(@CallingUser() user: User, @Body(bodyPipe) { phoneNumber }: DialBody) {
    return this.dialNumber.dial(user, phoneNumber);
  }

  @Get()
  @DescribeList()
  @RouteSchema({ response: { 200: CALL_LIST_SCHEMA } })
  async list(@CallingUser() user: User, @Body(bodyPipe) body: ListBody, @Query(queryPipe) query: ListQuery) {
    const details = body.includeDetails ?? query.includeDetails === 'true';
    return callList(await this.listCalls.list(user), details);
  }

  @Get(':callId')
  @DescribeGet()
  @RouteSchema({ response: { 200: CALL_SCHEMA } })
  async get(@CallingUser() user: User, @CallId() callId: string) {
    return callView(await this.getCall.get(user, callId));
  }

  @Put(':callId')
  @DescribeModify()
  @RouteSchema({ response: { 200: EMPTY_SCHEMA } })
  async modify(@CallingUser() user: User, @CallId() callId: string, @Body(bodyPipe) body: ModifyBody) {
    switch (body.action) {
      case 'hold':
        await this.holdCall.hold(user, callId);
        return {};
      case 'reconnect':
        await this.reconnectCall.reconnect(user, callId);
        return {};
      default:
        throw notYet(`the action ${body.action}`);
    }
  }

  @Delete(':callId')
  @DescribeRelease()
  @RouteSchema({ response: { 200: EMPTY_SCHEMA } })
  async release(@CallingUser() user: User, @CallId() callId: string) {
    await this.releaseCall.release(user, callId);
    return {};
  }

  @Post(['retrieve', 'imrn'])
  @HttpCode(501)
  @ApiExcludeEndpoint()
  notYet(): never {
    throw notYet('this operation');
  }
}

const notYet = (what: string) =>
  new HttpProblem('notImplementedYet', {
    detail: `This version of the service cannot do ${what} yet. Nothing was changed.`,
  });
