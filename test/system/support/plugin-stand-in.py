# Stands in for Orthanc's authorization plugin, which Debian does not carry: asks the service the plugin's questions, in the
# plugin's words and order, with CheckedLevel `studies`. Lua would not do: its filter is not shown the arguments of a request.
#
# Not as the plugin: it knows one administrator's password, as Orthanc's own RegisteredUsers would; of people's permissions
# it knows `all` alone, everybody else is judged by resource; the root of QIDO-RS is refused and not narrowed to what a token
# opens; labels of a profile are not looked at; a StudyInstanceUID that two patients have is refused.
import base64
import http.client
import json
import re
import time
from urllib.parse import urlsplit

import orthanc

settings = json.loads(orthanc.GetConfiguration())['Guard']
service = urlsplit(settings['service'])
credentials = 'Basic ' + base64.b64encode(settings['credentials'].encode()).decode()

METHODS = {
    orthanc.HttpMethod.GET: 'get',
    orthanc.HttpMethod.POST: 'post',
    orthanc.HttpMethod.PUT: 'put',
    orthanc.HttpMethod.DELETE: 'delete',
}
# What the plugin's standard configurations let anybody ask.
UNCHECKED = {('get', '/'), ('get', '/system'), ('get', '/tools/generate-uid'), ('post', '/tools/lookup')}
THING = re.compile(r'^/(studies|series|instances)/([^/]+)(?:/.*)?$')
DICOMWEB_THING = re.compile(r'^/dicom-web/studies/([^/]+)(?:/.*)?$')
SEARCH = re.compile(r'^/dicom-web/(?:studies|series|instances)$')
PLUGIN_TIMEOUT = 10

answers = {}


def note(**entry):
    with open(settings['asked'], 'a') as log:
        log.write(json.dumps(entry) + '\n')


def ask(path, question, keep_as=None):
    """The service's answer, kept for as long as it says; None when it gives none."""
    kept = answers.get(keep_as)
    if keep_as is not None and kept is not None and time.monotonic() < kept[1]:
        return kept[0]
    # As the plugin: a connection for each question, and a body of chunks without a length.
    connection = http.client.HTTPConnection(service.hostname, service.port, timeout=PLUGIN_TIMEOUT)
    try:
        headers = {'Authorization': credentials, 'Content-Type': 'application/json', 'Expect': ''}
        headers['Transfer-Encoding'] = 'chunked'
        connection.request('POST', path, body=iter([json.dumps(question).encode()]), headers=headers, encode_chunked=True)
        response = connection.getresponse()
        answer = json.loads(response.read()) if response.status == 200 else None
    except (OSError, ValueError, http.client.HTTPException):
        answer = None
    finally:
        connection.close()
    if keep_as is not None and answer is not None and answer.get('validity', 0) > 0:
        answers[keep_as] = (answer, time.monotonic() + answer['validity'])
    return answer


def tokens_of(headers, arguments):
    shown = [(name, headers.get(name)) for name in ('authorization', 'api-key', 'token')] + [('token', arguments.get('token'))]
    return [(key, value) for key, value in shown if value]


def is_operator(headers):
    return headers.get('authorization') == settings['operator']


def may_do_everything(tokens):
    for key, value in tokens:
        if key == 'authorization' and value == settings['administrator']:
            return True
        question = {'token-key': key, 'token-value': value, 'server-id': None}
        profile = ask('/user/get-profile', question, ('profile', key, value))
        if profile is not None and 'all' in profile['permissions']:
            return True
    return False


def is_granted(question, tokens):
    """The plugin tries one token after another."""
    for key, value in tokens or [(None, None)]:
        shown = {} if key is None else {'token-key': key, 'token-value': value}
        keep_as = ('access', question['method'], question['level'], question.get('orthanc-id') or question.get('uri'), key, value)
        answer = ask('/tokens/validate', {**question, **shown, 'server-id': None}, keep_as)
        if answer is not None and answer.get('granted') is True:
            return True
    return False


def study_question(method, orthanc_id, labels=True):
    """None: there is no such study."""
    try:
        study = json.loads(orthanc.RestApiGet('/studies/' + orthanc_id))
    except orthanc.OrthancException:
        return None
    question = {'method': method, 'level': 'study', 'orthanc-id': orthanc_id}
    question['dicom-uid'] = study['MainDicomTags']['StudyInstanceUID']
    if labels and study.get('Labels'):
        question['labels'] = study['Labels']
    return question


def study_of(level, orthanc_id):
    if level == 'studies':
        return orthanc_id
    try:
        return json.loads(orthanc.RestApiGet('/%s/%s/study' % (level, orthanc_id)))['ID']
    except orthanc.OrthancException:
        return None


def searched(arguments):
    """Studies to which a search is limited; a wildcard is a question about the whole system."""
    named = arguments.get('StudyInstanceUID') or arguments.get('0020000D') or ''
    return None if named == '' or re.search(r'[*?]', named) else re.split(r'[,\\]', named)


def questions_of(method, uri, arguments):
    """What has to be granted, all of it. None within: what is asked for is not there."""
    thing = THING.match(uri)
    if thing is not None:
        study = study_of(thing.group(1), thing.group(2))
        return [None if study is None else study_question(method, study)]
    dicomweb = DICOMWEB_THING.match(uri)
    uids = [dicomweb.group(1)] if dicomweb is not None else searched(arguments) if SEARCH.match(uri) else None
    if uids is None:
        return [{'method': method, 'level': 'system', 'uri': uri.rstrip('/') or '/'}]
    studies = [orthanc.LookupStudy(uid) for uid in uids]
    return [study_question(method, study) if study else None for study in studies]


def judge(method, uri, headers, arguments):
    if is_operator(headers) or (method, uri) in UNCHECKED:
        return True
    tokens = tokens_of(headers, arguments)
    if may_do_everything(tokens):
        return True
    return all(question is not None and is_granted(question, tokens) for question in questions_of(method, uri, arguments))


def is_allowed(uri, **request):
    method = METHODS[request['method']]
    # Orthanc shows arguments of a GET alone.
    arguments = request.get('get', {})
    granted = False
    try:
        granted = judge(method, uri, request['headers'], arguments)
    except Exception as error:
        note(error=str(error), uri=uri)
    if not is_operator(request['headers']):
        note(method=method, uri=uri, arguments=arguments, granted=granted)
    return granted


def find(output, uri, **request):
    """DICOMweb finds its things by this route, with the headers of its own caller."""
    query = json.loads(request['body']).get('Query', {})
    headers = request['headers']
    tokens = tokens_of(headers, {})
    granted = is_operator(headers) or may_do_everything(tokens)
    if not granted:
        uids = searched({'StudyInstanceUID': query.get('StudyInstanceUID') or query.get('0020000d') or query.get('0020,000d')})
        studies = [orthanc.LookupStudy(uid) for uid in uids or []]
        asked = [study_question('post', study, labels=False) if study else None for study in studies]
        granted = asked != [] and all(one is not None and is_granted(one, tokens) for one in asked)
        note(method='post', uri=uri, query=query, granted=granted, internal=True)
    if granted:
        output.AnswerBuffer(orthanc.RestApiPost('/tools/find', request['body']), 'application/json')
    else:
        output.SendHttpStatusCode(403)


orthanc.RegisterIncomingHttpRequestFilter(is_allowed)
orthanc.RegisterRestCallback('/tools/find', find)
