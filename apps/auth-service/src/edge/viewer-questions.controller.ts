import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PublicRoute } from '../platform/http/access.decorator.js';
import { ProblemDocument } from '../platform/http/problem.dto.js';
import { TextBody } from '../platform/http/text-body.decorator.js';
import { AnswerViewer } from './answer-viewer.usecase.js';
import { readFindBody } from './find-body.reader.js';
import { FindBody, FoundThingDto } from './viewer-questions.dto.js';

const credential = 'the header token is the credential: one that the guard has just made';

/**
 * What viewers post to Orthanc and what only the body tells: answered in its place, for what the share opens. The proxy sends
 * it here when the guard says so.
 */
@ApiTags('guard')
@ApiHeader({
  name: 'token',
  required: true,
  description: 'As the answer of /forward-auth has it.',
  example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJlZGdlIjp0cnVlfQ.…',
})
@ApiResponse({ status: 403, description: 'The token is none of the guard.', type: ProblemDocument })
@ApiResponse({ status: 503, description: 'Orthanc cannot be asked now.', type: ProblemDocument })
@Controller('edge/tools')
export class ViewerQuestionsController {
  constructor(private readonly answer: AnswerViewer) {}

  @Post('lookup')
  @HttpCode(200)
  @PublicRoute(credential)
  @TextBody({ anyType: true })
  @ApiOperation({
    operationId: 'lookUpShared',
    summary: "Orthanc's ids of an identifier, within a share",
    description: "As Orthanc's POST /tools/lookup; what the share does not open is not there.",
  })
  @ApiBody({ description: 'A Study, Series or SOP Instance UID.', schema: { type: 'string', example: '1.2.840.1' } })
  @ApiResponse({ status: 200, description: 'The matches; none is an empty list.', type: [FoundThingDto] })
  @ApiResponse({ status: 400, description: 'The body is empty, or no text.', type: ProblemDocument })
  lookup(@Headers('token') token: string | undefined, @Body() text: unknown): Promise<FoundThingDto[]> {
    return this.answer.lookup(token ?? '', String(text).trim());
  }

  @Post('find')
  @HttpCode(200)
  @PublicRoute(credential)
  @TextBody({ anyType: true })
  @ApiOperation({
    operationId: 'findShared',
    summary: 'Parts of a shared study, by their UIDs',
    description:
      "As Orthanc's POST /tools/find with `StudyInstanceUID` and without wildcards; other members are refused.",
  })
  @ApiBody({ type: FindBody })
  @ApiResponse({
    status: 200,
    description: "Orthanc's ids.",
    schema: { type: 'array', items: { type: 'string' }, example: ['0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa'] },
  })
  @ApiResponse({ status: 400, description: 'The body is not valid; every fault is named.', type: ProblemDocument })
  find(@Headers('token') token: string | undefined, @Body() text: unknown): Promise<readonly string[]> {
    return this.answer.find(token ?? '', () => readFindBody(String(text)));
  }
}
