// A ZIP of files that are compressed already: stored, not deflated (APPNOTE 6.3, sections 4.3-4.4).

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

export function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

// Little-endian numbers, each given as [value, bytes].
function pack(...fields) {
  const bytes = [];
  for (const [value, size] of fields)
    for (let at = 0; at < size; at++) bytes.push((value / 2 ** (8 * at)) & 255);
  return Uint8Array.from(bytes);
}

// Time and day as MS-DOS wrote them: seconds in twos, years since 1980.
const clock = (now) => (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
const day = (now) => ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();

export async function zip(files, now = new Date()) {
  const parts = [], directory = [];
  let offset = 0;
  for (const { name, blob } of files) {
    const title = new TextEncoder().encode(name);
    const sum = crc32(new Uint8Array(await blob.arrayBuffer()));
    // version, UTF-8 names, stored, time, day, checksum, sizes, lengths
    const common = [[20, 2], [0x800, 2], [0, 2], [clock(now), 2], [day(now), 2], [sum, 4],
      [blob.size, 4], [blob.size, 4], [title.length, 2], [0, 2]];
    const head = pack([0x04034b50, 4], ...common);
    parts.push(head, title, blob);
    directory.push(pack([0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), title);
    offset += head.length + title.length + blob.size;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = pack([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [offset, 4], [0, 2]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
