import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import QRCode from 'qrcode';
import { linkTooLong, shareWithoutLink } from '../shares.errors.js';

const formats = ['svg', 'png'] as const;

export class QrCodeQuery {
  @ApiProperty({ required: false, enum: formats, default: 'svg', example: 'svg' })
  @IsOptional()
  @IsIn(formats, { message: 'is not a known format', context: { remedy: 'send svg or png' } })
  format: (typeof formats)[number] = 'svg';
}

/** Characters of 8 bits that version 40 holds with the least error correction (ISO/IEC 18004 table 7). */
const most = 2_953;

/** Black on white whatever the page around it; a long link gets less error correction, so that a phone still reads it. */
export async function qrCodeOf(url: string | null, format: QrCodeQuery['format']): Promise<string | Buffer> {
  if (url === null) throw shareWithoutLink();
  if (Buffer.byteLength(url) > most) throw linkTooLong(most);
  const options = { errorCorrectionLevel: url.length > 800 ? 'L' : 'M', margin: 4 } as const;
  if (format === 'svg') return QRCode.toString(url, { ...options, type: 'svg' });
  return QRCode.toBuffer(url, { ...options, type: 'png', scale: 6 });
}
