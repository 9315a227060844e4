"""What Xvfb shows, out of its memory: to look costs nothing, so that nothing short is missed."""
import struct

# Where the header of an X window dump says how long itself is, how long a row, how many colours.
LENGTH, ROW, COLOURS = 0, 12, 19
BYTES_A_COLOUR = 12


def read(file, top, bottom):
    """The pixels as they are in memory, four bytes each, without so many rows above and below."""
    dump = file.read_bytes()
    header = struct.unpack_from(">20I", dump)
    begin = header[LENGTH] + header[COLOURS] * BYTES_A_COLOUR
    row = header[ROW]
    return dump[begin + top * row:len(dump) - bottom * row]


def ppm(raw, width):
    """Pixels of blue, green, red and nothing as a PPM of that width."""
    pixels = bytearray(len(raw) // 4 * 3)
    for colour in range(3):
        pixels[colour::3] = raw[2 - colour::4]
    return b"P6 %d %d 255\n" % (width, len(raw) // 4 // width) + bytes(pixels)
