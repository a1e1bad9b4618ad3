"""Run a GRPO recipe on TRL's trainer: settings made explicit, the true answer in the group where the recipe wants it.

TRL's own defaults for the loss, the scaling of rewards, clipping and KL are not those of the papers, so every one of
them is set here. A NaN reward or an empty group is an error that names the sample (`whenabouts.rewards.trl`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError, MissingExtra, ModelError
from whenabouts.grounders.llm.engines.decoding import only_tokens
from whenabouts.grounders.llm.engines.rendering import start_of, thinks
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.rewards.trl import reward_function
from whenabouts.training.post.loading import sampling_of
from whenabouts.training.post.monitor import RewardMonitor
from whenabouts.training.post.processes import passes
from whenabouts.training.post.rollouts import prompt_of, served
from whenabouts.training.post.seeing.conversation import told
from whenabouts.training.post.seeing.crops import CLIP, CropEnvironment
from whenabouts.training.post.seeing.sight import Sight

__all__ = ["arguments", "guided_trainer", "trainer"]


def arguments(recipe: GRPO, out: Path, *, micro: int | None = None, **overrides: Any) -> Any:
    """TRL's GRPOConfig for a recipe. `micro`: answers per forward pass; the rest is accumulated. Raises InputError."""
    try:
        from trl.trainer.grpo_config import GRPOConfig
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    if recipe.batch % recipe.group:
        raise InputError(
            f"{recipe.name}: {recipe.batch} answers per update must be a multiple of {recipe.group} a group"
        )
    micro, accumulated = passes(recipe.name, recipe.batch, micro, "answers")
    settings: dict[str, Any] = {
        "output_dir": str(out),
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": recipe.schedule,
        "num_train_epochs": recipe.epochs,
        "max_steps": recipe.steps or -1,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": accumulated,
        "generation_batch_size": recipe.batch,
        "num_generations": recipe.group,
        "max_completion_length": recipe.tokens,
        "temperature": recipe.temperature,
        "top_p": recipe.top_p,
        "top_k": 0,  # the likeliest tokens are not singled out
        "min_p": None,
        "repetition_penalty": 1.0,
        "beta": recipe.beta,
        "loss_type": recipe.loss,
        "num_iterations": 1,  # one update per answer
        "importance_sampling_level": "token",
        "mask_truncated_completions": False,
        "scale_rewards": "group" if recipe.scale else "none",
        "epsilon": recipe.clip[0],
        "epsilon_high": recipe.clip[1],
        "shuffle_dataset": True,
        "remove_unused_columns": False,
        "chat_template_kwargs": {"enable_thinking": thinks(recipe.prompt)},
        "max_tool_calling_iterations": recipe.crops or None,
        "report_to": [],
        "logging_steps": 1,
    }
    return GRPOConfig(**settings | overrides)


def trainer(
    recipe: GRPO,
    model: Any,
    processor: Any,
    rows: Any,
    args: Any,
    *,
    monitor: RewardMonitor | None = None,
    folder: Path = Path(),
    **more: Any,
) -> Any:
    """TRL's GRPOTrainer with the rewards of the recipe, and the monitor beside them.

    folder: where the crop tool looks for videos. `more` goes to TRL. Raises ModelError for a model that TRL cannot
    train with this recipe, such as one whose chat template has no tools.
    """
    monitor = monitor or RewardMonitor()
    sight = processor if isinstance(processor, Sight) else None
    if recipe.crops:
        sampling = sampling_of(recipe, sight) if sight else None
        more.setdefault("environment_factory", partial(CropEnvironment, recipe, folder, sampling))
    args.reward_weights = [1.0] * len(recipe.terms) + [0.0]
    kind = guided_trainer() if recipe.guided else _plain_trainer()
    try:
        job = kind(
            model=model,
            processing_class=sight.tokenizer if sight else processor,
            reward_funcs=[*(reward_function(term) for term in recipe.terms), monitor],
            args=args,
            train_dataset=rows,
            callbacks=[monitor.callback(), *more.pop("callbacks", [])],
            **more,
        )
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"the model cannot be trained with {recipe.name}: {reason}") from error
    job.sight, job.recipe = sight, recipe
    if sight and job.use_vllm:
        served(job)
    job.start, job.told = start_of(processor, recipe.prompt), partial(told, processor, recipe)
    if sight and job.ref_model is not None:
        sight.attach(job.accelerator.unwrap_model(job.ref_model).requires_grad_(False))
    return job


@cache
def _plain_trainer() -> Any:
    """TRL's trainer drawing answers as the recipe says; a checkpoint's settings would fill what TRL leaves open."""
    try:
        from trl.trainer.grpo_trainer import GRPOTrainer
    except ImportError as error:
        raise MissingExtra("rl", "post-training") from error
    base: Any = GRPOTrainer

    class PlainGRPOTrainer(base):  # type: ignore[misc]
        sight: Sight | None
        recipe: GRPO
        start: str
        told: Callable[[str], list[int]]
        _asked: list[Any]

        def _get_train_sampler(self, dataset: Any = None) -> Any:
            """TRL's, in an order that depends on the epoch alone, so that a resumed run takes the samples it lacks."""
            sampler = super()._get_train_sampler(dataset)
            sampler.set_epoch = lambda epoch: sampler.generator.manual_seed(self.args.seed + epoch)
            return sampler

        def _generate_and_score_completions(self, inputs: Sequence[dict[str, Any]]) -> Any:
            self._asked = [row.get("asked") for row in inputs]
            return super()._generate_and_score_completions(inputs)

        def _tokenize_prompts(self, prompts: Any) -> Any:
            if self.sight is None:
                return super()._tokenize_prompts(prompts)
            tools = self.tools if self.environment_factories is None else self._env_tools[None]
            sight, recipe = self.sight, self.recipe
            return [sight.ids(sample, recipe, clip, tools=tools) for sample, clip in self._asked], None, {}

        def _tool_call_loop(self, *args: Any, **kwargs: Any) -> Any:
            """TRL's, which asks the whole model for what its language part knows: the longest text."""
            if self.sight is None:
                return super()._tool_call_loop(*args, **kwargs)
            config = self.model.config
            config.max_position_embeddings = config.get_text_config().max_position_embeddings
            try:
                return super()._tool_call_loop(*args, **kwargs)
            finally:
                del config.max_position_embeddings

        def _calculate_rewards(self, inputs: Any, prompts: Any, completions: Any, ids: Any) -> Any:
            whole = [[_opened(turn, self.start) for turn in completion] for completion in completions]
            return super()._calculate_rewards(inputs, prompts, whole, ids)

        def _get_tool_suffix_ids(self, tool_messages: Any) -> Any:
            """What a tool shows as video comes in numbers, too."""
            if self.sight is None:
                return super()._get_tool_suffix_ids(tool_messages)
            told, shown = [], []
            for message in tool_messages:
                content = message["content"]
                for part in [one for one in content if isinstance(one, dict) and one["type"] == CLIP]:
                    content, runs = self.sight.looked(part[CLIP], part["start"], self.recipe.stamp)
                    shown.append((part[CLIP], runs))
                told.append({**message, "content": content})
            return self.sight.numbered(super()._get_tool_suffix_ids(told), shown)

        def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
            if self.use_vllm and self.sight is not None:
                asked = zip(self._asked, prompt_ids, strict=True)
                prompt_ids = [prompt_of(self.sight, self.recipe, one, clip, ids) for (one, clip), ids in asked]
            with only_tokens(self.accelerator.unwrap_model(self.model), self._tokenizer):
                return super()._generate_single_turn(prompt_ids, *args, **kwargs)

    return PlainGRPOTrainer


def _opened(turn: dict[str, Any], start: str) -> dict[str, Any]:
    """A turn of an answer with what the prompt began of it; where TRL took the thought out, it has both tags."""
    if turn.get("role") != "assistant" or turn.get("reasoning_content") or not start:
        return turn
    return {**turn, "content": start + (turn.get("content") or "")}


@cache
def guided_trainer() -> Any:
    """TempSamp-R1's trainer: the true answer replaces the last one of every group.

    The true answer comes from the column `truth`. The policy never sampled it, so no sampling probabilities are kept:
    TRL then takes the policy's own as the old ones, and the ratio starts at 1, as the method demands.
    """
    base: Any = _plain_trainer()

    class GuidedGRPOTrainer(base):  # type: ignore[misc]
        def _generate_and_score_completions(self, inputs: Sequence[dict[str, Any]]) -> Any:
            self._truths = [row["truth"] for row in inputs]
            return super()._generate_and_score_completions(inputs)

        def _generate_single_turn(self, prompt_ids: Any, *args: Any, **kwargs: Any) -> Any:
            completion_ids, _ = super()._generate_single_turn(prompt_ids, *args, **kwargs)
            for last in range(self.num_generations - 1, len(completion_ids), self.num_generations):
                completion_ids[last] = self.told(self._truths[last])
            return completion_ids, None

    return GuidedGRPOTrainer
