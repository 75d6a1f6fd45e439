export {
  type Access,
  type AccessMethod,
  type CoverFault,
  type CoverRules,
  type Coverage,
  type Grant,
  type GrantedResource,
  type SharePost,
  covers,
} from './covers.js';
export { type ListDifference, type RoleDifference, type RolesDifference, diffRoles } from './roles-diff.js';
export {
  type MergedRoles,
  type Role,
  type RolesDocument,
  type RolesFault,
  type WireRolesDocument,
  MAX_ENTRIES,
  MAX_NAME_LENGTH,
  MAX_ROLES,
  hasAdministrator,
  mergeRoles,
  parseRolesDocument,
  toWire,
} from './roles-document.js';
export {
  type Permission,
  type PermissionEntry,
  PERMISSIONS,
  holds,
  isPermission,
  neverForAnyone,
} from './vocabulary.js';
