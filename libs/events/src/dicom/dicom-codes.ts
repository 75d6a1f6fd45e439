/** A coded value of PS3.15 A.5.1: code, scheme and meaning. */
export interface Code {
  readonly value: string;
  readonly system: string;
  readonly meaning: string;
}

const dcm = (value: string, meaning: string): Code => ({ value, system: 'DCM', meaning });
const rfc3881 = (value: string, meaning: string): Code => ({ value, system: 'RFC-3881', meaning });

/** Our own scheme; its codes are the names of our events. PS3.16 section 8 leaves schemes that begin with 99 to everybody. */
export const ownScheme = '99WARDEN';

/** EventID, PS3.16 CID 400. */
export const eventIds = {
  applicationActivity: dcm('110100', 'Application Activity'),
  auditLogUsed: dcm('110101', 'Audit Log Used'),
  instancesAccessed: dcm('110103', 'DICOM Instances Accessed'),
  export: dcm('110106', 'Export'),
  securityAlert: dcm('110113', 'Security Alert'),
  userAuthentication: dcm('110114', 'User Authentication'),
};

/** EventTypeCode, PS3.16 CID 401 and CID 403. */
export const eventTypes = {
  applicationStart: dcm('110120', 'Application Start'),
  applicationStop: dcm('110121', 'Application Stop'),
  login: dcm('110122', 'Login'),
  securityConfiguration: dcm('110129', 'Security Configuration'),
  softwareConfiguration: dcm('110131', 'Software Configuration'),
  useOfRestrictedFunction: dcm('110132', 'Use of Restricted Function'),
  auditRecordingStopped: dcm('110133', 'Audit Recording Stopped'),
  objectSecurityAttributesChanged: dcm('110135', 'Object Security Attributes Changed'),
  securityRolesChanged: dcm('110136', 'Security Roles Changed'),
};

/** RoleIDCode, PS3.16 CID 402. */
export const roles = {
  application: dcm('110150', 'Application'),
  applicationLauncher: dcm('110151', 'Application Launcher'),
  destination: dcm('110152', 'Destination Role ID'),
  source: dcm('110153', 'Source Role ID'),
  destinationMedia: dcm('110154', 'Destination Media'),
};

/** MediaType, PS3.16 CID 405. */
export const mediaTypes = { email: dcm('110031', 'Email'), uri: dcm('110037', 'URI') };

/** ParticipantObjectIDTypeCode, PS3.16 CID 404 and PS3.15 A.5.1.2.4. */
export const idTypes = {
  patientNumber: rfc3881('2', 'Patient Number'),
  uri: rfc3881('12', 'URI'),
  studyInstanceUid: dcm('110180', 'Study Instance UID'),
  nodeId: dcm('110182', 'Node ID'),
};
