import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { checkedId } from '../../platform/http/cursor.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { callerOf } from '../../platform/http/request-hooks.js';
import { BrowseSharedStudies } from './browse-shared-studies.usecase.js';
import { SharedStudiesDto } from './shared-studies.dto.js';
import { presentStudies } from './shared-studies.presenter.js';
import { AboutOneShare } from '../registry/share-id.decorator.js';
import { shareNotFound } from '../shares.errors.js';

@ApiTags('shares')
@ApiResponse({ status: 503, description: 'The database cannot be reached.', type: ProblemDocument })
@Controller('api/v1/shares')
export class SharedStudiesController {
  constructor(private readonly browse: BrowseSharedStudies) {}

  @Get(':id/studies')
  @AllowedTo({ permissions: ['share', 'admin-permissions'] })
  @ApiOperation({
    operationId: 'listSharedStudies',
    summary: 'List the studies of a share by patient, date and description',
    description:
      'As Orthanc at ORTHANC_URL told after the share was minted, usually within two seconds; what it told is kept as it was. Of a share of a patient, the studies that there were then. What Orthanc did not have is asked again for 30 days, and without end while it does not answer.',
  })
  @AboutOneShare()
  @ApiResponse({ status: 200, description: 'The studies, and whether these are all.', type: SharedStudiesDto })
  async list(@Req() request: FastifyRequest, @Param('id') id: string): Promise<SharedStudiesDto> {
    const { found, asked } = await this.browse.execute(callerOf(request), checkedId(id, shareNotFound));
    return presentStudies(found, { asked });
  }
}
