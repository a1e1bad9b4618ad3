"""A small RTSP server: H.264 over one TCP connection, as cameras send it."""

from __future__ import annotations

import base64
import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import av

FIRST = 123_456  # stamp of the first picture: any but 0, as cameras draw it
START = re.compile(rb"\x00*\x00\x00\x01")


def access_units(path: Path) -> list[tuple[int, list[bytes]]]:
    """Stamp in ticks of 90 kHz and NAL units of each picture of an MPEG-TS file."""
    with av.open(str(path)) as container:
        return [
            (packet.pts + FIRST, [unit for unit in START.split(bytes(packet)) if unit])
            for packet in container.demux(video=0)
            if packet.size
        ]


@contextmanager
def camera(units: Sequence[tuple[int, list[bytes]]], port: int = 0) -> Iterator[int]:
    """Serves `units` to each client and then keeps silent; leaving the context cuts everybody off. Its port."""
    with socket.create_server(("127.0.0.1", port)) as server:
        over = threading.Event()
        clients: list[socket.socket] = []

        def accept() -> None:
            while not over.is_set():
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                clients.append(client)
                threading.Thread(target=_serve, args=(client, units), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            for client in clients:
                try:
                    client.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def _serve(client: socket.socket, units: Sequence[tuple[int, list[bytes]]]) -> None:
    sets = [unit for unit in units[0][1] if unit[0] & 31 in (7, 8)]
    sprop = ",".join(base64.b64encode(each).decode() for each in sets)
    sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
    sdp += f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={sprop}\r\na=control:v\r\n"
    try:
        with client, client.makefile("rb") as lines:
            while request := lines.readline().decode():
                headers = {}
                while line := lines.readline().decode().strip():
                    key, _, value = line.partition(":")
                    headers[key.lower()] = value.strip()
                body, more = "", ""
                match request.split()[0]:
                    case "OPTIONS":
                        more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
                    case "DESCRIBE":
                        body, more = sdp, "Content-Type: application/sdp\r\n"
                    case "SETUP":
                        more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
                    case "PLAY":
                        more = f"RTP-Info: url=v;seq=0;rtptime={units[0][0]}\r\n"
                length = f"Content-Length: {len(body)}\r\n" if body else ""
                answer = f"RTSP/1.0 200 OK\r\nCSeq: {headers['cseq']}\r\nSession: 1\r\n{more}{length}\r\n{body}"
                client.sendall(answer.encode())
                if request.startswith("PLAY"):
                    _play(client, units)
    except OSError:
        return


def _play(client: socket.socket, units: Sequence[tuple[int, list[bytes]]]) -> None:
    number = 0
    for stamp, parts in units:
        for part in parts:
            marker = 0x80 if part is parts[-1] else 0
            packet = struct.pack(">BBHII", 0x80, marker | 96, number & 0xFFFF, stamp & 0xFFFFFFFF, 1) + part
            client.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
            number += 1
