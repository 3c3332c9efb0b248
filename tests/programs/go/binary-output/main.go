package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"os"
)

type bmpHeader struct {
	Magic                 [2]byte
	Size, Reserved, Start uint32
	InfoSize              uint32
	Width, Height         int32
	Planes, Bits          uint16
	Compression, DataSize uint32
	XRes, YRes            int32
	Colours, Important    uint32
}

func iterations(c complex128, limit int) int {
	z := complex(0, 0)
	for n := range limit {
		if real(z)*real(z)+imag(z)*imag(z) > 4 {
			return n
		}
		z = z*z + c
	}
	return limit
}

func palette() color.Palette {
	p := make(color.Palette, 64)
	for i := range p {
		p[i] = color.RGBA{uint8(i * 4), uint8(255 - i*3), uint8(i * i), 255}
	}
	return p
}

func draw(width, height int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, width, height), palette())
	for y := range height {
		for x := range width {
			c := complex(float64(x*3)/float64(width)-2.2, float64(y*2)/float64(height)-1)
			img.SetColorIndex(x, y, uint8(iterations(c, 63)))
		}
	}
	return img
}

func encodeBMP(img image.Image) ([]byte, error) {
	var body bytes.Buffer
	b := img.Bounds()
	for y := b.Max.Y - 1; y >= b.Min.Y; y-- {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			body.Write([]byte{byte(bl >> 8), byte(g >> 8), byte(r >> 8)})
		}
		for body.Len()%4 != 0 {
			body.WriteByte(0)
		}
	}
	var out bytes.Buffer
	err := binary.Write(&out, binary.LittleEndian, bmpHeader{
		Magic: [2]byte{'B', 'M'}, Size: uint32(54 + body.Len()), Start: 54, InfoSize: 40,
		Width: int32(b.Dx()), Height: int32(b.Dy()), Planes: 1, Bits: 24, DataSize: uint32(body.Len()),
	})
	if err != nil {
		return nil, err
	}
	body.WriteTo(&out)
	return out.Bytes(), nil
}

func main() {
	img := draw(61, 40)
	bmp, err := encodeBMP(img)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var anim bytes.Buffer
	if err := gif.Encode(&anim, img, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	varints := binary.AppendUvarint(binary.AppendVarint(nil, -123456789), 1<<63)
	broken := []byte("\xc0\xaf\xed\xa0\x80\xf5\x80\xff\xfe\xe2\x82\x00\r\n\x00no newline at end\xf0\x9f")

	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for i, part := range [][]byte{bmp, anim.Bytes(), every, varints, broken} {
		n, _ := w.Write(part)
		fmt.Fprintf(os.Stderr, "part %d: %d bytes, crc32 %08x\n", i, n, crc32.ChecksumIEEE(part))
	}
	os.Stderr.Write([]byte{'e', 'r', 'r', ' ', 0xff, 0x80, 0xc3, '\n'})
}
