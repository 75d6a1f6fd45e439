// Searches of QIDO-RS that ask for more than study `a`, or seem to.
export function searches(a, b, c) {
  const prefix = a.uid.slice(0, -1);
  const search = (query, level = 'studies') => `/dicom-web/${level}${query}`;
  return [
    ['a search for everything', search('')],
    ['a search for all series', search('', 'series')],
    ['a search for all instances', search('?limit=1', 'instances')],
    ['a search with a wildcard', search('?StudyInstanceUID=*')],
    ['a search with a wildcard behind a prefix', search(`?StudyInstanceUID=${prefix}*`)],
    ['a search with a wildcard for one character', search(`?StudyInstanceUID=${prefix}%3F`)],
    ['a search with an encoded wildcard', search('?StudyInstanceUID=%2a')],
    ['a search with nothing in it', search('?StudyInstanceUID=')],
    ['a search for a list with a foreign study', search(`?StudyInstanceUID=${a.uid},${b.uid}`)],
    ['a search for a list with an encoded comma', search(`?StudyInstanceUID=${a.uid}%2C${b.uid}`)],
    ['a search for a list with a backslash', search(`?StudyInstanceUID=${a.uid}\\${b.uid}`)],
    ['a search for a list with an encoded backslash', search(`?StudyInstanceUID=${a.uid}%5C${b.uid}`)],
    ['a search for a list with a blank', search(`?StudyInstanceUID=${a.uid}+${b.uid}`)],
    ['a search for a list with a semicolon', search(`?StudyInstanceUID=${a.uid};${b.uid}`)],
    ['a search for two studies, twice named', search(`?StudyInstanceUID=${a.uid}&StudyInstanceUID=${b.uid}`)],
    ['a search for two studies, the foreign one first', search(`?StudyInstanceUID=${b.uid}&StudyInstanceUID=${a.uid}`)],
    ['a search by both spellings of the tag', search(`?StudyInstanceUID=${a.uid}&0020000D=${b.uid}`)],
    ['a search by a tag in lower case', search(`?StudyInstanceUID=${a.uid}&0020000d=${b.uid}`)],
    ['a search by a tag with a comma', search(`?StudyInstanceUID=${a.uid}&0020,000D=${b.uid}`)],
    ['a search by a keyword in another case', search(`?StudyInstanceUID=${a.uid}&studyinstanceuid=${b.uid}`)],
    ['a search by an encoded keyword', search(`?StudyInstanceUID=${a.uid}&%53tudyInstanceUID=${b.uid}`)],
    ['a search by a keyword with brackets', search(`?StudyInstanceUID[]=${a.uid}&StudyInstanceUID[]=${b.uid}`)],
    ['a search for a foreign study', search(`?StudyInstanceUID=${b.uid}`)],
    ["a search for the patient's other study", search(`?StudyInstanceUID=${c.uid}`)],
    ['a search for series of a foreign study', search(`?0020000D=${b.uid}`, 'series')],
    ['a search for instances by their series', search(`?SeriesInstanceUID=${b.seriesUid}`, 'instances')],
    ["a search by the shared patient's id", search(`?PatientID=${a.patientId}`)],
    ["a search by the shared patient's id, as OHIF sends it", search(`?00100020=${a.patientId}&limit=101`)],
    ['a search by a name', search('?PatientName=*&includefield=all')],
    ['a search by a date', search('?StudyDate=20260102')],
    ['a search by an argument without a value', search(`?StudyInstanceUID&0020000D=${b.uid}`)],
    ['a search with a null byte', search(`?StudyInstanceUID=${a.uid}%00${b.uid}`)],
  ]
    .map(([title, path]) => ({ title, path }))
    .concat(
      [
        [
          'a search for a foreign series in the shared study',
          search(`?StudyInstanceUID=${a.uid}&SeriesInstanceUID=${b.seriesUid}`, 'series'),
        ],
        [
          'a search for a foreign instance in the shared study',
          search(`?StudyInstanceUID=${a.uid}&SOPInstanceUID=${b.instanceUid}`, 'instances'),
        ],
        [
          'a search for a foreign patient in the shared study',
          search(`?StudyInstanceUID=${a.uid}&PatientID=${b.patientId}`),
        ],
        [
          'a search for any series in the shared study',
          search(`?StudyInstanceUID=${a.uid}&SeriesInstanceUID=*`, 'series'),
        ],
        [
          'a search for any patient in the shared study',
          search(`?StudyInstanceUID=${a.uid}&PatientName=*&includefield=all`),
        ],
      ].map(([title, path]) => ({ title, path, may: 'reach' })),
    );
}
