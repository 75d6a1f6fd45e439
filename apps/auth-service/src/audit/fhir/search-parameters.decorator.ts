import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiQuery } from '@nestjs/swagger';

const parameters: readonly (readonly [name: string, example: string, description: string])[] = [
  [
    'date',
    'ge2026-11-01',
    'When: 2026, 2026-11, 2026-11-21 or 2026-11-21T10:20:30Z, after eq, ge, gt, le, lt, sa or eb; UTC where no zone is told. By the moment of filing, which is that of `recorded` for what was recorded within a day.',
  ],
  [
    'agent',
    'keycloak:6f1c2d9e-0b7a-4e35-9d41-2f8c5a7b9e10',
    'Who did it: the value of `agent.who.identifier` of the requestor; `system:warden` for what the service did by itself.',
  ],
  ['patient', 'PAT-4711', 'PatientID of any patient that it is about, without a system.'],
  [
    'entity',
    'urn:dicom:uid|urn:oid:1.2.276.0.7230010.3.1.2.1',
    "A study (`urn:oid:` and its UID, with the system `urn:dicom:uid` or without), a share (`urn:uuid:` and its id), or an identifier that has no system: Orthanc's id of a study, a PatientID.",
  ],
  ['outcome', '4', '0 success, 4 minor, 8 serious, 12 major failure.'],
  ['subtype', 'share.opened,access.disclosed', 'Name of the event, of the system `urn:orthanc-warden:event`.'],
  ['_id', '019a8cca-1371-7000-b9bc-1de2d5b62427', 'Id of an event.'],
  ['_sort', '-date', '`-date`, which is the order in any case.'],
  ['_count', '50', 'Events on a page, at most: 50 unless it is given; 1000 where more is asked for.'],
  ['cursor', 'AAZEVCxYgAABmoyhNxcAC5vB3i1bYkJg', 'From the link next.'],
  ['_format', 'json', '`json`, `application/json` or `application/fhir+json`.'],
];

/** What a search can be asked, for the OpenAPI document: no class can hold names such as `patient:identifier`. */
export function FhirSearchParameters(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: 'handling=lenient: parameters that are not offered here are left out. Otherwise they are refused.',
      example: 'handling=strict',
    }),
    ...parameters.map(([name, example, description]) =>
      ApiQuery({ name, example, description, required: false, type: String }),
    ),
  );
}
