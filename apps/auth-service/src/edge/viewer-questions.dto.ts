import { ApiProperty } from '@nestjs/swagger';

const orthancId = '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa';

/** As Orthanc spells it. */
export class FoundThingDto {
  @ApiProperty({ example: orthancId })
  ID: string;

  @ApiProperty({ example: `/studies/${orthancId}` })
  Path: string;

  @ApiProperty({ enum: ['Study', 'Series', 'Instance'], example: 'Study' })
  Type: string;
}

export class FindQuery {
  @ApiProperty({ example: '1.2.840.1' })
  StudyInstanceUID: string;

  @ApiProperty({ required: false, example: '1.2.840.1.1' })
  SeriesInstanceUID?: string;

  @ApiProperty({ required: false, example: '1.2.840.1.1.1' })
  SOPInstanceUID?: string;
}

export class FindBody {
  @ApiProperty({ enum: ['Study', 'Series', 'Instance'], example: 'Instance' })
  Level: string;

  @ApiProperty({ type: FindQuery })
  Query: FindQuery;

  @ApiProperty({ required: false, enum: [false], description: 'Ids alone are answered.', example: false })
  Expand?: boolean;
}
