import type { XmlNode } from './relax-ng.js';

/**
 * What PS3.15 A.5.2 and A.5.3 ask of the messages that we send and a grammar of single elements cannot say. Each rule is
 * told by the sentence that it is broken with; none: the message keeps them all.
 */
export function brokenRules(message: XmlNode): string[] {
  const event = the(message, 'EventIdentification');
  const id = code(the(event, 'EventID'));
  const rules = messages[id];
  if (rules === undefined) return [`${id} is not one of the messages that are sent`];
  return [...everywhere(message), ...rules(message)];
}

const all = (node: XmlNode, name: string) => node.children.filter((child) => child.name === name);
const the = (node: XmlNode, name: string) => all(node, name)[0] ?? { name, attributes: {}, children: [], text: '' };
const code = (node: XmlNode) => `${node.attributes['csd-code']} ${node.attributes['codeSystemName']}`;
const participants = (message: XmlNode) => all(message, 'ActiveParticipant');
const objects = (message: XmlNode) => all(message, 'ParticipantObjectIdentification');
const isRequestor = (participant: XmlNode) => /^(true|1)$/.test(participant.attributes['UserIsRequestor'] ?? '');
const hasPoint = ({ attributes }: XmlNode) =>
  attributes['NetworkAccessPointTypeCode'] !== undefined && attributes['NetworkAccessPointID'] !== undefined;
const ofRole = (message: XmlNode, role: string) =>
  participants(message).filter((one) => all(one, 'RoleIDCode').some((given) => code(given) === role));
const typeCodes = (message: XmlNode) => all(the(message, 'EventIdentification'), 'EventTypeCode').map(code);
const idType = (object: XmlNode) => code(the(object, 'ParticipantObjectIDTypeCode'));
const isObject = (type: string, role: string, id: string) => (object: XmlNode) =>
  object.attributes['ParticipantObjectTypeCode'] === type &&
  object.attributes['ParticipantObjectTypeCodeRole'] === role &&
  idType(object) === id;
const isStudy = isObject('2', '3', '110180 DCM');
const isPatient = isObject('1', '1', '2 RFC-3881');
const isLog = isObject('2', '13', '12 RFC-3881');

/** PS3.16 CID 403, as the grammar has it. */
const alertTypes = '110126 110127 110129 110131 110132 110133 110134 110135 110136 110137'.split(' ');

function broken(rules: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(rules).filter((rule) => rules[rule] === false);
}

const action = (message: XmlNode) => the(message, 'EventIdentification').attributes['EventActionCode'];
const between = (count: number, least: number, most: number) => count >= least && count <= most;

function everywhere(message: XmlNode): string[] {
  return broken({
    'A.5.2: at most one requestor': participants(message).filter(isRequestor).length <= 1,
    'Table A.5.2-1: a study is contained in what is no study itself': objects(message).every(
      (object) =>
        idType(object) !== '110180 DCM' ||
        all(object, 'ParticipantObjectDescription').every(
          (description) => all(description, 'ParticipantObjectContainsStudy').length === 0,
        ),
    ),
  });
}

const messages: Readonly<Record<string, (message: XmlNode) => string[]>> = {
  '110100 DCM': (message) =>
    broken({
      'A.5.3.1: executed': action(message) === 'E',
      'A.5.3.1: started or stopped': typeCodes(message).some((type) => /^(110120|110121) DCM$/.test(type)),
      'A.5.3.1: one application, and who launched it':
        ofRole(message, '110150 DCM').length === 1 &&
        ofRole(message, '110151 DCM').length === participants(message).length - 1,
      'A.5.3.1: no objects': objects(message).length === 0,
    }),
  '110101 DCM': (message) =>
    broken({
      'A.5.3.2: read': action(message) === 'R',
      'A.5.3.2: one person or process, or both': between(participants(message).length, 1, 2),
      'A.5.3.2: the log alone, by its name':
        objects(message).length === 1 &&
        objects(message).every(isLog) &&
        the(objects(message)[0] as XmlNode, 'ParticipantObjectName').text === 'Security Audit Log',
    }),
  '110103 DCM': (message) =>
    broken({
      'A.5.3.6: created, read, updated or deleted': /^[CRUD]$/.test(action(message) ?? ''),
      'A.5.3.6: one person or process, or both': between(participants(message).length, 1, 2),
      'A.5.3.6: one study at least': objects(message).some(isStudy),
      'A.5.3.6: exactly one patient': objects(message).filter(isPatient).length === 1,
      'A.5.3.6: nothing else': objects(message).every((object) => isStudy(object) || isPatient(object)),
    }),
  '110106 DCM': (message) => {
    const media = ofRole(message, '110154 DCM');
    const local = ofRole(message, '110153 DCM');
    const remote = ofRole(message, '110152 DCM');
    return broken({
      'A.5.3.4: read': action(message) === 'R',
      'A.5.3.4: one medium': media.length === 1,
      'A.5.3.4: the medium is no requestor': !media.some(isRequestor),
      'A.5.3.4: the medium has a type': media.every(
        (one) => all(the(one, 'MediaIdentifier'), 'MediaType').length === 1,
      ),
      'A.5.3.4: what is no physical medium has an access point': media.every(hasPoint),
      'A.5.3.4: one local person or process, or both': between(local.length, 1, 2),
      'A.5.3.4: nobody without a part': participants(message).length === media.length + local.length + remote.length,
      'A.5.3.4.1: exactly one requestor': participants(message).filter(isRequestor).length === 1,
      'A.5.3.4: one patient at least': objects(message).some(isPatient),
      'A.5.3.4: nothing else': objects(message).every((object) => isStudy(object) || isPatient(object)),
    });
  },
  '110113 DCM': (message) =>
    broken({
      'A.5.3.11: executed': action(message) === 'E',
      'A.5.3.11: a type of alert': typeCodes(message).some((type) =>
        alertTypes.some((alertType) => type === `${alertType} DCM`),
      ),
      'A.5.3.11: the subject is a file or a resource, by URI or node': objects(message).every(
        (object) =>
          object.attributes['ParticipantObjectTypeCode'] === '2' &&
          /^(5|13)$/.test(object.attributes['ParticipantObjectTypeCodeRole'] ?? '') &&
          /^(12 RFC-3881|110182 DCM)$/.test(idType(object)),
      ),
      'A.5.3.11: the alert is described': objects(message).every((object) =>
        all(object, 'ParticipantObjectDetail').some(
          ({ attributes }) => attributes['type'] === 'Alert Description' && attributes['value'] !== '',
        ),
      ),
    }),
  '110114 DCM': (message) =>
    broken({
      'A.5.3.12: executed': action(message) === 'E',
      'A.5.3.12: login or logout': typeCodes(message).some((type) => /^(110122|110123) DCM$/.test(type)),
      'A.5.3.12: one person, and the node that asked who it is': between(participants(message).length, 1, 2),
      'A.5.3.12: the person has an access point': participants(message).slice(0, 1).every(hasPoint),
      'A.5.3.12: no objects': objects(message).length === 0,
    }),
};
