"""Which paper's way of asking fits a model, by its files and by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from whenabouts.errors import ModelError
from whenabouts.grounders.llm.recognition import paper_for, recognised


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("hub:Boshenxx/Time-R1-7B", "time-r1"),
        ("time-r1-7b-awq", "time-r1"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"),
        ("Qwen/Qwen2-VL-2B-Instruct", "qwen2-vl"),
        ("Qwen/Qwen3-VL-8B-Thinking", "qwen3-vl"),
        ("Qwen/Qwen3.5-4B", "qwen3.5"),
        ("openai:http://localhost:11434#qwen2.5vl:7b", "qwen2.5-vl"),
        ("openai:http://localhost:11434/v1#qwen3-vl:8b", "qwen3-vl"),
        ("TencentARC/TimeLens-7B", "timelens-7b"),
        ("TimeLens-8B", "timelens"),
        ("MCG-NJU/TimeLens2-8B", "timelens2"),
        ("Darwin-Project/MUSEG-7B", "museg"),
        ("zhengmh/TaRO-3B", "taro"),
        ("Kwai-Keye/VideoTemp-o3", "videotemp-o3"),
        ("time-r1-7b-awq", "time-r1"),
        ("zeqianli/UniTime", "unitime"),
        ("OpenGVLab/VideoChat-Flash-Qwen2-7B_res448", "videochat-flash"),
        ("OpenGVLab/VideoChat-Flash-Qwen2_5-2B_res448", "videochat-flash"),
        ("openai:http://trace.example.com/v1#Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"),
        ("openai:http://10.0.0.1/trace/v1#qwen3-vl", "qwen3-vl"),
        ("/models/trace/tiny_qwen2_5_vl", "qwen2.5-vl"),
    ],
)
def test_a_model_is_known_by_its_name(model: str, wanted: str) -> None:
    assert paper_for(model).name == wanted


@pytest.mark.parametrize("model", ["gpt-4o", "openai:http://trace.example.com/v1#gpt-4o", "tracer-7b", "qwen3-5b"])
def test_a_name_that_says_nothing_is_asked_in_plain_words(model: str) -> None:
    assert recognised(model) is None and paper_for(model).name == "qwen2-vl"


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("hub:yeliudev/VideoMind-2B", "--model videomind:FOLDER"),
        ("yeliudev/VideoMind-7B-FT-QVHighlights", "--model videomind:FOLDER"),
        ("Yongxin-Guo/trace-uni", "--model trace:FOLDER"),
        ("openai:http://h#TRACE", "--model trace:FOLDER"),
        ("MeCo-4B", "--model meco:FOLDER"),
    ],
)
def test_a_model_with_modules_of_its_own_is_refused_with_how_it_is_loaded(model: str, told: str) -> None:
    with pytest.raises(ModelError, match="does not answer in words") as error:
        paper_for(model)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("folder", "config", "wanted"),
    [
        ("tiny", {"model_type": "qwen2_5_vl"}, "qwen2.5-vl"),
        ("Qwen2-VL-7B", {"model_type": "qwen3_vl"}, "qwen3-vl"),  # the files count, not what the folder is called
        ("Time-R1-7B", {"model_type": "qwen2_5_vl"}, "time-r1"),  # it is made of Qwen2.5-VL
        ("Time-R1-7B", {"model_type": "qwen3_vl_moe"}, "qwen3-vl"),
        ("checkpoint-500", {"model_type": "qwen2_5_vl", "_name_or_path": "/data/Boshenxx/Time-R1-3B/"}, "time-r1"),
        ("x", {"architectures": ["Qwen2_5_VLForConditionalGeneration"]}, "qwen2.5-vl"),
        ("x", {"model_type": "qwen2_vl", "architectures": ["Qwen2VLMRForConditionalGeneration"]}, "unitime"),
        ("TimeLens-8B", {"model_type": "qwen3_vl", "_name_or_path": 5}, "timelens"),
        ("qwen3-vl-8b", ["no", "object"], "qwen3-vl"),
        ("qwen3-vl-8b", {"model_type": "llava_onevision"}, "qwen2-vl"),  # no paper's: plain words
    ],
)
def test_a_folder_is_known_by_its_files_first(tmp_path: Path, folder: str, config: Any, wanted: str) -> None:
    path = tmp_path / folder
    path.mkdir()
    (path / "config.json").write_text(json.dumps(config), "utf-8")
    assert paper_for(str(path)).name == wanted


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"model_type": "agent_qwen2_vl", "architectures": ["AgentQwen2VLForConditionalGeneration"]}, "videomind"),
        ({"model_type": "trace_mistral", "architectures": ["TraceMistralForCausalLM"]}, "trace"),
        ({"model_type": "MeCo_phi3", "architectures": ["MeCoPhi3ForCausalLM"]}, "meco"),
    ],
)
def test_a_folder_of_a_model_with_modules_is_refused(tmp_path: Path, config: Any, name: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(ModelError, match=f"{name}:FOLDER"):
        paper_for(str(tmp_path))
