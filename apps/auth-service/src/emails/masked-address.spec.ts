import { maskedAddress } from './masked-address.js';

it.each([
  ['jane@example.org', 'j…@e….org'],
  ['jane.doe@mail.example.co.uk', 'j…@m….uk'],
  ['a@b', 'a…@b…'],
  ['x@y.z', 'x…@y….z'],
])('of %s a stranger sees %s', (address, masked) => expect(maskedAddress(address)).toBe(masked));
