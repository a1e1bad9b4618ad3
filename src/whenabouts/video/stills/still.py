"""What a file is that is no video: a still picture, a medical image, raw pictures without a header; and what to do."""

from __future__ import annotations

from pathlib import Path

__all__ = ["STILL_HINT", "is_motion_jpeg", "what_still"]

STILL_HINT = "which has no length; give a video, or a folder of pictures and how many are shown a second: --rate 25"
MAGIC = (
    (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"GIF8", "GIF"),
    (8, b"WEBP", "WebP"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"SDPX", "DPX"),
    (0, b"XPDS", "DPX"),
    (0, b"P6", "PPM"),
    (8, b"heic", "HEIC"),
    (8, b"heix", "HEIC"),
    (8, b"mif1", "HEIC"),
    (8, b"avif", "AVIF"),
)
RAW = frozenset((".yuv", ".rgb", ".raw", ".nv12", ".i420", ".uyvy", ".yuy2"))

NEXT_JPEG = b"\xff\xd9\xff\xd8\xff"  # the end of a picture, and the next one
SEVERAL = 3  # that follow the first; cameras put a preview or the other eye behind a still
SEARCHED = 1 << 23  # bytes


def is_motion_jpeg(path: Path) -> bool:
    """Whether a file is of JPEG pictures one behind the other, which FFmpeg takes for a still."""
    with path.open("rb") as file:
        head = file.read(3)
        return head == b"\xff\xd8\xff" and file.read(SEARCHED).count(NEXT_JPEG) >= SEVERAL


def what_still(path: Path, head: bytes) -> str | None:
    """One sentence on a file without times, by its name and first bytes; None for anything else."""
    if head[128:132] == b"DICM":
        return (
            "is a medical image (DICOM), not a video; export its pictures as a video, or as PNG with a rate: --rate 25"
        )
    for at, mark, kind in MAGIC:
        if head[at : at + len(mark)] == mark and not (mark == b"BM" and len(head) < 26):
            return f"is a still picture ({kind}), {STILL_HINT}"
    if path.suffix.lower() in RAW:
        return (
            "holds raw pictures, and nothing says their size; wrap them first: "
            "ffmpeg -f rawvideo -pix_fmt yuv420p -s WIDTHxHEIGHT -r 25 -i IN OUT.mkv"
        )
    return None
