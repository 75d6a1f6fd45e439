import { Controller, Get, Header, Param, Req, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FhirAuditEvent, type FhirBundle, fhirCapabilityStatement, toFhirAuditEvent } from '@warden/events';
import type { FastifyRequest } from 'fastify';
import { AllowedTo, PublicRoute } from '../../platform/http/access.decorator.js';
import { checkedId } from '../../platform/http/cursor.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { AuditIdentity } from '../audit-identity.js';
import { ReadAuditEvent } from '../reading/read-audit-event.usecase.js';
import { auditEventNotFound } from '../reading/reading.errors.js';
import { answersSince, fhirContents, fhirOrProblem } from './fhir-examples.js';
import { fhirMediaType, isLenient, requireJson } from './fhir-format.js';
import { type QueryMembers, readFhirQuery } from './fhir-query.js';
import { FhirRefusalFilter } from './fhir-refusal.filter.js';
import { presentFhirPage } from './fhir.presenter.js';
import { FhirSearchParameters } from './search-parameters.decorator.js';
import { SearchFhirEvents } from './search-fhir-events.usecase.js';

const auditors = { permissions: ['audit-logs'] };
const refusals =
  '`_format=json` counts before `Accept`. Errors are OperationOutcomes; whoever may not come in at all, and an address or a method that is not offered, are refused with a problem document as everywhere.';
const notAcceptable = {
  status: 406,
  description: 'JSON is not accepted, or another release of FHIR is asked for.',
  content: fhirContents.refusal,
};
const unavailable = {
  status: 503,
  description: 'The database cannot be reached, or the reading cannot be recorded; nothing is shown.',
  content: fhirOrProblem,
};

@ApiTags('audit')
@UseFilters(FhirRefusalFilter)
@Controller('fhir')
export class FhirController {
  constructor(
    private readonly search: SearchFhirEvents,
    private readonly readOne: ReadAuditEvent,
    private readonly identity: AuditIdentity,
  ) {}

  @Get('metadata')
  @PublicRoute('clients of FHIR read it before they sign in; describes the product, not the installation')
  @Header('content-type', fhirMediaType)
  @ApiOperation({
    operationId: 'readFhirCapabilities',
    summary: 'What the FHIR API can do',
    description: `CapabilityStatement of FHIR R4. It names no address, since under which one the service is reached is not known to it. ${refusals}`,
  })
  @ApiResponse({ status: 200, description: 'The CapabilityStatement.', content: fhirContents.capabilities })
  @ApiResponse(notAcceptable)
  capabilities(@Req() request: FastifyRequest): object {
    requireJson(membersOf(request)['_format'], request.headers.accept);
    return fhirCapabilityStatement(this.identity, answersSince, null);
  }

  @Get('AuditEvent')
  @AllowedTo(auditors)
  @Header('content-type', fhirMediaType)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'searchFhirAuditEvents',
    summary: 'Search the record as FHIR AuditEvents',
    description: `Bundle of type searchset, newest first, without a total. A parameter that is given several times must match each time; of values separated by commas any will do; commas, bars and dollars in a value are written after a backslash. \`patient:identifier\` and \`patient.identifier\` mean the same as \`patient\`, and so with agent and entity. What is not offered is refused, and left out after \`Prefer: handling=lenient\`; the link self tells what was searched for. Links are relative, to the root of the FHIR API and to this address alike: follow next for the page after it. An event is found within a second of being recorded. Each page that is read is an event too: \`audit.read\`. ${refusals}`,
  })
  @FhirSearchParameters()
  @ApiResponse({ status: 200, description: 'One page.', content: fhirContents.page })
  @ApiResponse({
    status: 400,
    description: 'A parameter is not offered here, or its value is not valid; every fault is named.',
    content: fhirContents.refusal,
  })
  @ApiResponse(notAcceptable)
  @ApiResponse({
    status: 422,
    description: 'Too much would have to be looked at; narrow the search.',
    content: fhirContents.refusal,
  })
  @ApiResponse(unavailable)
  async find(@Req() request: FastifyRequest): Promise<FhirBundle> {
    const members = membersOf(request);
    requireJson(members['_format'], request.headers.accept);
    const query = readFhirQuery(members, isLenient(request.headers['prefer']));
    return presentFhirPage(await this.search.execute(callerOf(request), query), query, this.identity);
  }

  @Get('AuditEvent/:id')
  @AllowedTo(auditors)
  @Header('content-type', fhirMediaType)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'readFhirAuditEvent',
    summary: 'Read one event as FHIR AuditEvent',
    description: `What was erased is left out. Recorded as \`audit.read\`. ${refusals}`,
  })
  @ApiParam({ name: 'id', example: '019a8cca-1371-7000-b9bc-1de2d5b62427' })
  @ApiResponse({ status: 200, description: 'The event.', content: fhirContents.auditEvent })
  @ApiResponse({ status: 404, description: 'No event has this id.', content: fhirContents.refusal })
  @ApiResponse(notAcceptable)
  @ApiResponse(unavailable)
  async one(@Req() request: FastifyRequest, @Param('id') id: string): Promise<FhirAuditEvent> {
    requireJson(membersOf(request)['_format'], request.headers.accept);
    const { event } = await this.readOne.execute(callerOf(request), checkedId(id, auditEventNotFound), 'fhir');
    return toFhirAuditEvent(event, this.identity);
  }
}

/** Names of parameters are free in FHIR (`patient:identifier`), so that no shape holds them. */
function membersOf({ query }: FastifyRequest): QueryMembers {
  return query as QueryMembers;
}
