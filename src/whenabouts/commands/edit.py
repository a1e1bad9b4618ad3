"""`EditVideo`: make a counterfactual or degraded file of a video, and move its annotations along."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from whenabouts.benchmarks.annotations import Annotation, read_annotations, write_annotations
from whenabouts.commands.command import Command
from whenabouts.errors import InputError
from whenabouts.progress import Progress, stage
from whenabouts.synthetic.edit_words import FORMS
from whenabouts.video.edit import TimeMap

__all__ = ["EditVideo"]


class EditVideo(Command):
    """Edits of one video, in their order."""

    edits: tuple[str, ...] = Field(min_length=1, description=f"Edits, in order: {', '.join(FORMS)}.")
    seed: int = Field(0, ge=0, description="Random seed.")

    def run(
        self,
        video: Path,
        out: Path,
        *,
        time_map: Path | None = None,
        annotations: Path | None = None,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Write the edited video, its subtitles beside it, and what else was asked for; the paths of all.

        time_map:    JSON of where each stretch of the video went
        annotations: rows of an annotation file; those of the video are written beside `out`, as .jsonl, at their times
                     in the edited video

        Raises InputError, AnnotationError, VideoError.
        """
        from whenabouts.evidence.edited import write_with_subtitles
        from whenabouts.evidence.subtitles import sidecars
        from whenabouts.files.atomic import replacing
        from whenabouts.files.outputs import check_outputs
        from whenabouts.synthetic.edit_words import edited_by
        from whenabouts.video import Video
        from whenabouts.video.edit.pieces import of_files

        with Video(video) as opened:
            view, moved = edited_by(opened, self.edits, seed=self.seed)
            rows = None if annotations is None else _moved(annotations, video, out, moved)
            beside = out.with_suffix(".jsonl")
            shown = {piece.video.path for piece in of_files(view)} | {video}
            words = [path for source in shown for path in sidecars(source)]
            outputs = [out, out.with_suffix(".srt"), None if rows is None else beside, time_map]
            check_outputs(outputs, [*shown, *words, annotations])
            for path in outputs[1:3]:
                if path is not None and path.exists() and not out.exists():
                    raise InputError(f"{path} is there already and would be replaced; name another file for the video")
            written = write_with_subtitles(view, out, progress=stage(progress, "writing the edited video"))
            if rows is not None:
                write_annotations(beside, rows)
                written.append(beside)
            if time_map is not None:
                facts = {"video": video.name, "sha256": opened.sha256, "edits": list(self.edits), "seed": self.seed}
                with replacing(time_map) as part:
                    part.write_text(json.dumps(facts | moved.to_dict(), indent=2) + "\n", encoding="utf-8")
                written.append(time_map)
        return written


def _moved(annotations: Path, video: Path, out: Path, time_map: TimeMap) -> list[Annotation]:
    """The rows of the video, at their new times."""
    rows = [row for row in read_annotations(annotations) if video.stem == row.vid or video.name == row.video]
    if not rows:
        raise InputError(f"no row of {annotations} is of the video {video.stem}; its vid should be that name")
    return [
        replace(
            row,
            vid=out.stem,
            video=None if row.video is None else out.name,
            duration=float(time_map.new_duration),
            relevant_windows=None
            if row.relevant_windows is None
            else tuple((a, b) for a, b in time_map.windows(row.relevant_windows).tolist()),
            relevant_clip_ids=None,
            saliency_scores=None,
            ious=None,
        )
        for row in rows
    ]
