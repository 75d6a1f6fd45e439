import { pause } from './stage.mjs';

const connections = 4;
const resource = { level: 'study', dicomUid: '1.2.276.0.7230010.3.1.2.1' };

/**
 * Shares, ends shares and changes the roles on several connections until told to end. Notes what was acknowledged, by
 * connection and in order, and what was refused.
 *
 * @param callOf the caller to use now: a service that was killed has another one later
 * @returns `acknowledged`: lists of {name, id} as the record has to tell them (`id`: of the share, or version of the roles);
 *   `refused`: {label, shareId, status, type, began, ended}; `answers`: counted by kind.
 */
export function actUnderLoad(callOf, prefix, { sharers = connections - 1, limitMs = 20_000 } = {}) {
  const acknowledged = [];
  const refused = [];
  const answers = {};
  let over = false;

  /** The answer, or null when there was none; its failure is noted. */
  const act = async (label, shareId, method, path, body) => {
    const began = Date.now();
    let answer;
    try {
      answer = await callOf()(method, path, body, limitMs);
    } catch (error) {
      note(error.name === 'TimeoutError' ? 'hanging' : 'no answer');
      await pause(20);
      return null;
    }
    note(`${answer.status} ${answer.type.split(';')[0]}`);
    if (answer.status < 300) return answer;
    refused.push({
      label,
      shareId,
      status: answer.status,
      type: answer.type,
      text: answer.text,
      began,
      ended: Date.now(),
    });
    await pause(20);
    return null;
  };
  const note = (kind) => (answers[kind] = (answers[kind] ?? 0) + 1);

  const share = async (worker) => {
    const mine = [];
    acknowledged.push(mine);
    let standing = null;
    for (let count = 0; !over; count++) {
      const label = `${prefix}-${worker}-${count}`;
      const body = { type: 'stone-viewer-publication', resources: [resource], label, expiresAt: inAnHour() };
      const made = await act(label, null, 'POST', '/api/v1/shares', body);
      if (made !== null) {
        const { id } = made.json.share;
        mine.push({ name: 'share.created', id, label });
        standing = id;
      }
      // One that is standing is ended; every third goes on standing.
      if (standing === null || count % 3 === 0 || over) continue;
      const ended = await act(null, standing, 'POST', `/api/v1/shares/${standing}/revoke`, { reason: label });
      if (ended === null) continue;
      mine.push({ name: 'share.revoked', id: standing });
      standing = null;
    }
  };
  const changeRoles = async () => {
    const mine = [];
    acknowledged.push(mine);
    for (let count = 0; !over; count++) {
      const before = await act(null, null, 'GET', '/api/v1/roles');
      if (before === null) continue;
      const { roles, 'available-labels': labels } = before.json;
      const changed = { permissions: ['view'], 'authorized-labels': [`${prefix}-${count}`] };
      const body = { roles: { ...roles, 'system-test': changed }, 'available-labels': labels };
      const done = await act(null, null, 'PUT', '/api/v1/roles', body);
      if (done !== null) mine.push({ name: 'roles.changed', id: String(done.json.version) });
      await pause(20);
    }
  };
  const workers = [...Array.from({ length: sharers }, (_, worker) => share(worker)), changeRoles()];
  return {
    acknowledged,
    refused,
    count: () => acknowledged.reduce((sum, { length }) => sum + length, 0),
    end: async () => {
      over = true;
      await Promise.all(workers);
      return answers;
    },
  };
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
