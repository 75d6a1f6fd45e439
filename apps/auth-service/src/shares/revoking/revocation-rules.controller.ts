import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AllowedTo } from '../../platform/http/access.decorator.js';
import { cursorOf, idOfCursor } from '../../platform/http/cursor.js';
import { PageQuery } from '../../platform/http/page-query.dto.js';
import { ProblemDocument } from '../../platform/http/problem.dto.js';
import { BrowseRevocationRules } from './browse-revocation-rules.usecase.js';
import { RevocationRulesPageDto } from './revoke-shares.dto.js';
import { presentRule } from '../registry/share.presenter.js';

@ApiTags('shares')
@ApiResponse({ status: 503, description: 'The database cannot be reached.', type: ProblemDocument })
@Controller('api/v1/revocation-rules')
export class RevocationRulesController {
  constructor(private readonly browse: BrowseRevocationRules) {}

  @Get()
  @AllowedTo({ permissions: ['admin-permissions'] })
  @ApiOperation({
    operationId: 'listRevocationRules',
    summary: 'List revocation rules, newest first',
    description:
      'What `POST /api/v1/shares/revoke` left behind to stop links never seen here. A link is refused when every member that is not null matches. A rule cannot be taken back; it ends no link that is minted here after it.',
  })
  @ApiResponse({ status: 200, description: 'One page.', type: RevocationRulesPageDto })
  @ApiResponse({ status: 400, description: 'A query member is not valid.', type: ProblemDocument })
  async list(@Query() query: PageQuery): Promise<RevocationRulesPageDto> {
    const before = query.cursor === undefined ? null : idOfCursor(query.cursor);
    const { rules, next } = await this.browse.execute(query.limit, before);
    return { items: rules.map(presentRule), next: next === null ? null : cursorOf(next) };
  }
}
