import { Body, Controller, Delete, Get, Post, Put, Query, Res, UseGuards } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CallingUser } from '../../auth/http/calling-user.js';
import { EndUserGuard } from '../../auth/http/end-user.guard.js';
import type { User } from '../../directory/domain/user.js';
import { bodyPipe, queryPipe } from '../../http/validation.js';
import { BlindTransferCall } from '../application/blind-transfer-call.js';
import { ConsultativeTransfer } from '../application/consultative-transfer.js';
import { DialNumber } from '../application/dial-number.js';
import { GetCall } from '../application/get-call.js';
import { HoldCall } from '../application/hold-call.js';
import { ListCalls } from '../application/list-calls.js';
import { ReconnectCall } from '../application/reconnect-call.js';
import { RecordCall } from '../application/record-call.js';
import { ReleaseCall } from '../application/release-call.js';
import { RetrieveCall } from '../application/retrieve-call.js';
import { CallId } from './call-id.js';
import { CALLS_FROM_HEADER } from './calls-from.js';
import { CALL_LIST_SCHEMA, CALL_SCHEMA, EMPTY_SCHEMA, STARTED_CALL_SCHEMA } from './call-schemas.js';
import { callList, callView } from './call-view.js';
import { DialBody, ListBody, ListQuery, ModifyBody, RetrieveBody } from './calls.dto.js';
import {
  DescribeDial,
  DescribeGet,
  DescribeList,
  DescribeModify,
  DescribeRelease,
  DescribeRetrieve,
} from './calls.docs.js';

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
    private readonly blindTransferCall: BlindTransferCall,
    private readonly consultativeTransfer: ConsultativeTransfer,
    private readonly recordCall: RecordCall,
    private readonly releaseCall: ReleaseCall,
    private readonly retrieveCall: RetrieveCall,
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
  async list(
    @CallingUser() user: User,
    @Body(bodyPipe) body: ListBody,
    @Query(queryPipe) query: ListQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const details = body.includeDetails ?? query.includeDetails === 'true';
    const { calls, from } = await this.listCalls.list(user);
    void reply.header(CALLS_FROM_HEADER, from);
    return callList(calls, details);
  }

  @Get(':callId')
  @DescribeGet()
  @RouteSchema({ response: { 200: CALL_SCHEMA } })
  async get(
    @CallingUser() user: User,
    @CallId() callId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { call, from } = await this.getCall.get(user, callId);
    void reply.header(CALLS_FROM_HEADER, from);
    return callView(call);
  }

  @Put(':callId')
  @DescribeModify()
  @RouteSchema({ response: { 200: EMPTY_SCHEMA } })
  async modify(@CallingUser() user: User, @CallId() callId: string, @Body(bodyPipe) body: ModifyBody) {
    await this.carryOut(user, callId, body);
    return {};
  }

  private carryOut(user: User, callId: string, body: ModifyBody): Promise<void> {
    const { action, phoneNumber = '', transferCallId = '' } = body;
    switch (action) {
      case 'hold':
        return this.holdCall.hold(user, callId);
      case 'reconnect':
        return this.reconnectCall.reconnect(user, callId);
      case 'blindTransfer':
        return this.blindTransferCall.blindTransfer(user, callId, phoneNumber);
      case 'consultativeTransfer':
        return this.consultativeTransfer.transfer(user, callId, transferCallId);
      default:
        return this.recordCall.record(user, callId, action);
    }
  }

  @Delete(':callId')
  @DescribeRelease()
  @RouteSchema({ response: { 200: EMPTY_SCHEMA } })
  async release(@CallingUser() user: User, @CallId() callId: string) {
    await this.releaseCall.release(user, callId);
    return {};
  }

  @Post('retrieve')
  @DescribeRetrieve()
  @RouteSchema({ response: { 201: STARTED_CALL_SCHEMA } })
  retrieve(@CallingUser() user: User, @Body(bodyPipe) _body: RetrieveBody) {
    return this.retrieveCall.retrieve(user);
  }
}
