import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class FieldFaultDto {
  @ApiProperty({ description: 'Where, as you spelled it.', example: 'resources[0].dicom-uid' })
  field: string;

  @ApiProperty({ example: 'is not a DICOM unique identifier' })
  problem: string;

  @ApiProperty({ example: 'send digits and dots, at most 64 characters' })
  remedy: string;
}

/** RFC 9457 problem details, media type `application/problem+json`. */
export class ProblemDocument {
  @ApiProperty({ example: 'urn:orthanc-warden:error:invalid-input' })
  type: string;

  @ApiProperty({ example: 'Something in the request is not valid' })
  title: string;

  @ApiProperty({ example: 400 })
  status: number;

  @ApiProperty({ description: 'Closed code; docs/errors.md lists them all.', example: 'invalid-input' })
  code: string;

  @ApiProperty({ example: 'level must be one of patient, study, series, instance; correct it' })
  detail: string;

  @ApiProperty({
    description: 'The request; quote it when you ask for help.',
    example: 'urn:orthanc-warden:request:4f0c-1a',
  })
  instance: string;

  @ApiPropertyOptional({ type: [FieldFaultDto] })
  errors?: FieldFaultDto[];
}
