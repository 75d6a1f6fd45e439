"""The inbox of Orthanc Explorer 2: checks the form, and marks what was handed in with the label `inbox` and the reference.

Who calls may upload and nothing else, so no more is done with a study than that, and only with one that has just come.
"""
import datetime
import json
import re

import orthanc

LABEL = "inbox"
# Metadata of Orthanc's user range: 1024 to 65535.
REFERENCE_METADATA = "4001"
JUST_COME = datetime.timedelta(hours=2)
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{1,39}")
ORTHANC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}")
MOST_STUDIES = 50


def fields_of(request):
    """The form's fields, or None for a body that is not what the page sends."""
    try:
        body = json.loads(request["body"])
        fields = body["FormFields"]
        return (body, fields) if isinstance(fields, dict) else None
    except (ValueError, KeyError, TypeError):
        return None


def reference_of(fields):
    reference = fields.get("Reference")
    return reference if isinstance(reference, str) and REFERENCE.fullmatch(reference) else None


def handed_in_now(study_id):
    """Whether this study has just come and belongs to nobody's hand-in yet: an id that was guessed changes nothing."""
    if not isinstance(study_id, str) or not ORTHANC_ID.fullmatch(study_id):
        return False
    try:
        study = json.loads(orthanc.RestApiGet(f"/studies/{study_id}"))
        last = datetime.datetime.strptime(study["LastUpdate"], "%Y%m%dT%H%M%S")
    except Exception:  # Orthanc answers an unknown study with an exception of its own
        return False
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return not study.get("Labels") and now - last < JUST_COME


def answer(output, value):
    output.AnswerBuffer(json.dumps(value), "application/json")


def post_only(handle):
    def handler(output, uri, **request):
        if request["method"] != "POST":
            output.SendMethodNotAllowed("POST")
            return
        read = fields_of(request)
        if read is None:
            output.SendHttpStatusCode(400)
            return
        handle(output, *read)

    return handler


def validate_form(output, _body, fields):
    good = reference_of(fields) is not None
    result = {"IsValid": good} if good else {"IsValid": False, "Message": "2 to 40 letters, digits, spaces and . _ -"}
    answer(output, {"Reference": result})


def commit(output, body, fields):
    reference, studies = reference_of(fields), body.get("OrthancStudiesIds")
    if reference is None or not isinstance(studies, list) or not 0 < len(studies) <= MOST_STUDIES:
        output.SendHttpStatusCode(400)
        return
    if not all(handed_in_now(study) for study in studies):
        output.SendHttpStatusCode(403)
        return
    for study in studies:
        orthanc.RestApiPut(f"/studies/{study}/metadata/{REFERENCE_METADATA}", reference)
        orthanc.RestApiPut(f"/studies/{study}/labels/{LABEL}", "")
    answer(output, {"CommitId": 0, "Message": f"{len(studies)} examination(s) received. Thank you."})


def monitor_processing(output, _uri, **_request):
    # Nothing goes on behind the commit: whoever asks is told that it is done.
    answer(
        output,
        {"PctProcessed": 100, "IsComplete": True, "HasFailed": False, "Message": "Received. You may close this page."},
    )


orthanc.RegisterRestCallback("/plugins/inbox/validate-form", post_only(validate_form))
orthanc.RegisterRestCallback("/plugins/inbox/commit", post_only(commit))
orthanc.RegisterRestCallback("/plugins/inbox/monitor-processing", monitor_processing)
