import { ApiProperty } from '@nestjs/swagger';
import { type ImagesProblem, imagesProblems } from './shared-images.store.js';

const states = ['resolved', 'waiting', 'problem'] as const;

export class SharedStudyDto {
  @ApiProperty({ description: 'Study Instance UID.', example: '1.2.276.0.7230010.3.1.2.1' })
  studyDicomUid: string;

  @ApiProperty({ example: '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa' })
  studyOrthancId: string;

  @ApiProperty({ type: String, nullable: true, example: 'PAT-4711' })
  patientId: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Who gave out the PatientID. Null: the images do not say, or Orthanc is older than 1.11.',
    example: 'HOSPITAL-A',
  })
  patientIdIssuer: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'YYYYMMDD.', example: '20261119' })
  studyDate: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'CT thorax' })
  description: string | null;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'Labels in Orthanc when it was asked. Null: it is older than 1.12 and has none.',
    example: ['radiology'],
  })
  labels: string[] | null;

  @ApiProperty({ format: 'date-time', description: 'When Orthanc told.', example: '2026-11-21T08:00:01.000Z' })
  resolvedAt: string;
}

export class SharedStudiesDto {
  @ApiProperty({ type: [SharedStudyDto], description: 'Latest study date first.' })
  items: SharedStudyDto[];

  @ApiProperty({
    enum: states,
    description:
      'waiting: Orthanc was not asked yet. problem: it did not tell all that is shared; what it told is in `items`.',
    example: 'resolved',
  })
  state: (typeof states)[number];

  @ApiProperty({
    type: String,
    enum: imagesProblems,
    nullable: true,
    description: 'not-found: Orthanc does not have it, or has several of that id.',
    example: null,
  })
  problem: ImagesProblem | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null: Orthanc is not asked again, or ORTHANC_URL is not set.',
    example: null,
  })
  nextAttemptAt: string | null;
}
