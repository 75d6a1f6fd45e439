import { ApiProperty } from '@nestjs/swagger';

export class LiveAnswer {
  @ApiProperty({ example: 'alive' })
  status: string;
}

export class CheckDto {
  @ApiProperty({
    description: '`database`, `schema`, `clock`, `revocations`; advisory: `issuer NAME`.',
    example: 'schema',
  })
  name: string;

  @ApiProperty({ example: true })
  ok: boolean;

  @ApiProperty({ description: 'Told only: the service is ready without it.', example: false })
  advisory: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What is wrong and what to do; null when nothing is.',
    example: null,
  })
  detail: string | null;
}

export class ReadyAnswer {
  @ApiProperty({ enum: ['ready', 'not-ready'], example: 'ready' })
  status: string;

  @ApiProperty({ type: [CheckDto] })
  checks: CheckDto[];
}
