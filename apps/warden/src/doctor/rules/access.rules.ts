import { pages } from '../pages.js';
import type { OrthancConfiguration } from '../orthanc-configuration.js';
import { hasLuaFunction, pluginGuards, registeredUsers, scriptsOf } from '../orthanc-protection.js';
import type { Rule } from '../rule.js';
import { shortestPassword, weaknessOf } from '../weak-secrets.js';

/** Who reaches Orthanc's REST API, and what it lets them do. */
export const accessRules: readonly Rule[] = [
  {
    id: 'O-01',
    severity: 'error',
    title: 'Remote access needs authentication: by Orthanc, or by the authorization plugin.',
    why: 'Whoever reaches the port reads, changes and deletes every study.',
    remedy: 'Set "AuthenticationEnabled": true with RegisteredUsers, or set up the authorization plugin.',
    source: pages.security,
    covers: [6],
    check: ({ orthanc, proxyInFront }) =>
      isAskedByOthers(orthanc, proxyInFront) && !orthanc.authenticates && !pluginGuards(orthanc)
        ? [`${orthanc.where('AuthenticationEnabled')}: remote access without authentication`]
        : [],
  },
  {
    id: 'O-02',
    severity: 'error',
    title: 'Authentication needs registered users.',
    why: 'Without any, Orthanc makes the user orthanc with the password orthanc, which everybody knows.',
    remedy: 'Write users with long random passwords to RegisteredUsers.',
    source: pages.security,
    covers: [6],
    check: ({ orthanc }) =>
      orthanc.on('HttpServerEnabled') &&
      orthanc.on('RemoteAccessAllowed') &&
      orthanc.authenticates &&
      registeredUsers(orthanc).length === 0
        ? [`${orthanc.where('RegisteredUsers')}: authentication without a user`]
        : [],
  },
  {
    id: 'O-03',
    severity: 'error',
    title: 'No user has a password of a sample, a short one or the own name.',
    why: 'Such passwords are tried first; nothing slows down who tries.',
    remedy: `Generate passwords of at least ${shortestPassword} bytes.`,
    source: pages.security,
    covers: [6],
    check: ({ orthanc }) =>
      registeredUsers(orthanc).flatMap(([user, password]) => {
        const weakness = weaknessOf(password, shortestPassword, user);
        return weakness === null ? [] : [`${orthanc.where('RegisteredUsers')}: the password of ${user} ${weakness}`];
      }),
  },
  {
    id: 'O-04',
    severity: 'error',
    title: 'Remote access needs HTTPS, on an intranet too.',
    why: 'Images, tokens and passwords cross the network in clear.',
    remedy: 'Put a reverse proxy with HTTPS in front (then run with --proxy-in-front), or set SslEnabled.',
    source: pages.https,
    covers: [6, 7],
    check: ({ orthanc, proxyInFront }) =>
      orthanc.isReachable && !proxyInFront && !orthanc.on('SslEnabled')
        ? [`${orthanc.where('SslEnabled')}: remote access over plain HTTP`]
        : [],
  },
  {
    id: 'O-05',
    severity: 'note',
    title: 'A reverse proxy does the HTTPS wherever the Internet comes in.',
    why: 'The built-in HTTPS is meant for simple intranet set-ups.',
    remedy: 'Put nginx, Apache or IIS in front; `warden harden` writes the files of nginx.',
    source: pages.https,
    covers: [7],
    check: ({ orthanc, proxyInFront }) =>
      orthanc.isReachable && !proxyInFront && orthanc.on('SslEnabled')
        ? [`${orthanc.where('SslEnabled')}: built-in HTTPS with nothing in front`]
        : [],
  },
  {
    id: 'O-06',
    severity: 'warning',
    title: 'Searches are limited.',
    why: 'One search for everything keeps a large Orthanc from answering anybody.',
    remedy: 'Set "LimitFindResults": 100 and "LimitFindInstances": 100.',
    source: pages.security,
    covers: [3],
    check: ({ orthanc }) =>
      (['LimitFindResults', 'LimitFindInstances'] as const)
        .filter((option) => orthanc.number(option) <= 0)
        .map((option) => `${orthanc.where(option)}: no limit`),
  },
  {
    id: 'O-07',
    severity: 'error',
    title: 'No scripts over the REST API.',
    why: 'POST /tools/execute-script runs any command as the user of Orthanc.',
    remedy: 'Set "ExecuteLuaEnabled": false.',
    source: pages.security,
    covers: [9],
    check: ({ orthanc }) => (orthanc.on('ExecuteLuaEnabled') ? [`${orthanc.where('ExecuteLuaEnabled')}: on`] : []),
  },
  {
    id: 'O-08',
    severity: 'warning',
    title: 'The REST API writes no files on the server.',
    why: 'POST /instances/…/export writes to any path that the user of Orthanc may write to.',
    remedy: 'Set "RestApiWriteToFileSystemEnabled": false.',
    source: pages.configuration,
    check: ({ orthanc }) =>
      orthanc.on('RestApiWriteToFileSystemEnabled') ? [`${orthanc.where('RestApiWriteToFileSystemEnabled')}: on`] : [],
  },
  {
    id: 'O-09',
    severity: 'warning',
    title: 'WebDAV is off.',
    why: 'It shows every study as a folder and takes uploads, past the rules that are made for the REST API.',
    remedy: 'Set "WebDavEnabled": false.',
    source: pages.configuration,
    check: ({ orthanc }) =>
      orthanc.on('HttpServerEnabled') && orthanc.on('WebDavEnabled') ? [`${orthanc.where('WebDavEnabled')}: on`] : [],
  },
  {
    id: 'O-10',
    severity: 'note',
    title: 'It is decided, and written down, what happens to an image that comes twice.',
    why: 'On, whoever may send can replace an image by another of the same SOP Instance UID; off, the first one stays and a correction is dropped in silence.',
    remedy: 'Set "OverwriteInstances": false unless corrections come as the same instance.',
    source: pages.security,
    covers: [5],
    check: ({ orthanc }) => {
      const value = orthanc.value('OverwriteInstances');
      if (value === false || value === 'Never') return [];
      return [
        `${orthanc.where('OverwriteInstances')}: ${value === null ? 'left to the default, which keeps the first image' : 'images are replaced'}`,
      ];
    },
  },
  {
    id: 'O-11',
    severity: 'warning',
    title: 'Rules say which user may use which resource with which method.',
    why: 'Without them every user of Orthanc may delete every study.',
    remedy:
      'Use the authorization plugin, a Lua IncomingHttpRequestFilter (`warden harden` writes one), or "ReadOnly": true.',
    source: pages.security,
    covers: [8],
    check: (subject) => {
      const { orthanc, proxyInFront } = subject;
      // Of one user, the administrator, nobody has to be told apart.
      const alone = orthanc.authenticates && Object.keys(orthanc.section('RegisteredUsers') ?? {}).length === 1;
      const ruled =
        alone ||
        pluginGuards(orthanc) ||
        orthanc.on('ReadOnly') ||
        hasLuaFunction(subject, 'IncomingHttpRequestFilter');
      return isAskedByOthers(orthanc, proxyInFront) && !ruled
        ? [`${orthanc.where('LuaScripts')}: every user may do everything`]
        : [];
    },
  },
  {
    id: 'O-12',
    severity: 'error',
    title: 'No Lua filter trusts 127.0.0.1 behind a proxy.',
    why: 'Behind a proxy on the same host every request comes from 127.0.0.1, and what is for the administrator is for all.',
    remedy: 'Judge by username, never by ip, or refuse what carries the header x-forwarded-for.',
    source: pages.security,
    covers: [8],
    check: ({ orthanc, files, proxyInFront }) =>
      proxyInFront
        ? scriptsOf(orthanc, files)
            .filter(({ text }) => /\bIncomingHttpRequestFilter\b/.test(text) && /127\.0\.0\.1|::1|localhost/.test(text))
            // A filter that knows a proxy's request by its header takes none for one of this machine.
            .filter(({ text }) => !/x-forwarded-for/i.test(text))
            .map(({ name }) => `${orthanc.where('LuaScripts')}: ${name} judges by the address 127.0.0.1`)
        : [],
  },
  {
    id: 'O-13',
    severity: 'note',
    title: 'What is in front deals with requests that other sites make a browser send (CSRF).',
    why: 'A browser adds the password of HTTP Basic to whatever any page makes it send to Orthanc.',
    remedy:
      'Let people come by the authorization plugin and tokens in headers, or let the application in front check where a request comes from.',
    source: pages.security,
    covers: [10],
    check: ({ orthanc, proxyInFront }) =>
      isAskedByOthers(orthanc, proxyInFront) &&
      orthanc.authenticates &&
      !pluginGuards(orthanc) &&
      !orthanc.on('ReadOnly')
        ? [`${orthanc.where('RegisteredUsers')}: browsers log in with HTTP Basic`]
        : [],
  },
  {
    id: 'O-14',
    severity: 'error',
    title: 'The DICOMweb server is guarded like the REST API.',
    why: 'DICOMweb finds, gives and takes every study; it has no authorization of its own.',
    remedy: 'Turn authentication on, or set "Enable": false in DicomWeb.',
    source: pages.security,
    covers: [11],
    check: ({ orthanc, proxyInFront }) => {
      const dicomWeb = orthanc.section('DicomWeb');
      const open = isAskedByOthers(orthanc, proxyInFront) && !orthanc.authenticates && !pluginGuards(orthanc);
      return dicomWeb !== null && dicomWeb['Enable'] !== false && open
        ? [`${orthanc.where('DicomWeb')}: open to everyone`]
        : [];
    },
  },
];

/** Other machines reach it, or a proxy does, which may be on this one: then whoever reaches the proxy asks Orthanc. */
function isAskedByOthers(orthanc: OrthancConfiguration, proxyInFront: boolean): boolean {
  return orthanc.isReachable || (proxyInFront && orthanc.on('HttpServerEnabled'));
}
