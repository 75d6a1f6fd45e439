export { type Address, type AddressFault, type Argument, addressText, isPlainPath, readAddress } from './address.js';
export { type MatchedRoute, type NamedThing, RouteTable, type ThingLevel, orthancId } from './route-table.js';
export { type Gives, type OrthancRoute, administratorsOnly, answeredHere, decodePath, readRoutes } from './routes.js';
export { isPlainUid, namesStudies, revealsOthers, searchedStudies } from './searched-studies.js';
export { mayReachAdministration } from './administration.js';
