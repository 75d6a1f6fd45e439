// Studies to look at, written here: CT images with a gradient and a shape that can be told apart on a screen.
const size = 512;
const explicitLittleEndian = '1.2.840.10008.1.2.1';
const ctImage = '1.2.840.10008.5.1.4.1.1.2';
const withLongLength = new Set(['OB', 'OW']);

/** Stored value of the shape, and of a column of the gradient; a window of 0 to 3,200 shows them as they are. */
export const shapeValue = 3_000;
export const gradientValue = (column) => column * 3;
export const shownAs = (value) => Math.round((value / 3_200) * 255);

/**
 * The files of a study, series by series.
 * @param shape `circle` or `square`, in the middle
 * @param mark text that the pixels of every image begin with
 */
export function dicomStudy({ patient, studyUid, description, date = '20260102', series, shape = 'circle', mark = '' }) {
  return series.flatMap(({ description: seriesDescription, images }, at) =>
    Array.from({ length: images }, (_, slice) =>
      dicomFile({
        ...patient,
        studyUid,
        description,
        date,
        seriesUid: `${studyUid}.${at + 1}`,
        seriesNumber: at + 1,
        seriesDescription,
        instanceUid: `${studyUid}.${at + 1}.${slice + 1}`,
        slice,
        pixels: pixels({ shape, radius: 100 + 10 * (slice % 8), mark }),
      }),
    ),
  );
}

function pixels({ shape, radius, mark }) {
  const values = Buffer.alloc(size * size * 2);
  const middle = size / 2;
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [Math.abs(column - middle), Math.abs(row - middle)];
      const within = shape === 'circle' ? x * x + y * y < radius * radius : Math.max(x, y) < radius;
      values.writeUInt16LE(within ? shapeValue : gradientValue(column), 2 * (row * size + column));
    }
  values.write(mark, 'latin1');
  return values;
}

/** PS3.10 section 7: a preamble, file meta information, and the data set in ascending order of its tags. */
function dicomFile(image) {
  const meta = Buffer.concat([
    element(0x0002, 0x0001, 'OB', Buffer.from([0, 1])),
    element(0x0002, 0x0002, 'UI', ctImage),
    element(0x0002, 0x0003, 'UI', image.instanceUid),
    element(0x0002, 0x0010, 'UI', explicitLittleEndian),
    element(0x0002, 0x0012, 'UI', '1.2.276.0.7230010.3.0.3.6.4'),
  ]);
  const position = `-250\\-250\\${image.slice * 5}`;
  const dataSet = [
    [0x0008, 0x0008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
    [0x0008, 0x0016, 'UI', ctImage],
    [0x0008, 0x0018, 'UI', image.instanceUid],
    [0x0008, 0x0020, 'DA', image.date],
    [0x0008, 0x0030, 'TM', '093000'],
    [0x0008, 0x0050, 'SH', 'ACC-1'],
    [0x0008, 0x0060, 'CS', 'CT'],
    [0x0008, 0x0090, 'PN', ''],
    [0x0008, 0x1030, 'LO', image.description],
    [0x0008, 0x103e, 'LO', image.seriesDescription],
    [0x0010, 0x0010, 'PN', image.name],
    [0x0010, 0x0020, 'LO', image.id],
    [0x0010, 0x0030, 'DA', image.birthDate],
    [0x0010, 0x0040, 'CS', 'O'],
    [0x0018, 0x0050, 'DS', '5'],
    [0x0020, 0x000d, 'UI', image.studyUid],
    [0x0020, 0x000e, 'UI', image.seriesUid],
    [0x0020, 0x0010, 'SH', '1'],
    [0x0020, 0x0011, 'IS', String(image.seriesNumber)],
    [0x0020, 0x0013, 'IS', String(image.slice + 1)],
    [0x0020, 0x0032, 'DS', position],
    [0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0'],
    [0x0020, 0x0052, 'UI', `${image.studyUid}.0`],
    [0x0028, 0x0002, 'US', 1],
    [0x0028, 0x0004, 'CS', 'MONOCHROME2'],
    [0x0028, 0x0010, 'US', size],
    [0x0028, 0x0011, 'US', size],
    [0x0028, 0x0030, 'DS', '0.977\\0.977'],
    [0x0028, 0x0100, 'US', 16],
    [0x0028, 0x0101, 'US', 16],
    [0x0028, 0x0102, 'US', 15],
    [0x0028, 0x0103, 'US', 0],
    [0x0028, 0x1050, 'DS', '1600'],
    [0x0028, 0x1051, 'DS', '3200'],
    [0x0028, 0x1052, 'DS', '0'],
    [0x0028, 0x1053, 'DS', '1'],
    [0x7fe0, 0x0010, 'OW', image.pixels],
  ].map((one) => element(...one));
  const metaLength = Buffer.alloc(4);
  metaLength.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x0002, 0x0000, 'UL', metaLength),
    meta,
    ...dataSet,
  ]);
}

/** PS3.5 section 7.1.2: explicit VR, little endian, an even length. */
function element(group, number, vr, value) {
  const bytes = padded(vr, value);
  const long = withLongLength.has(vr);
  const head = Buffer.alloc(long ? 12 : 8);
  head.writeUInt16LE(group);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (long) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

function padded(vr, value) {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'number') return Buffer.from([value & 0xff, value >> 8]);
  const bytes = Buffer.from(value, 'latin1');
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ', 'latin1')]);
}
