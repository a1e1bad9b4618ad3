"""Ask any server that speaks OpenAI's chat protocol: vLLM, SGLang, llama.cpp, Ollama, or a commercial one.

    engine     settings, and one call for all questions about the same frames
    messages   a conversation as the protocol has it; `pictures` makes JPEG and MP4 of frames
    asking     one question: attempts, pauses, and what is learned from refusals
    exchange   one request: bounded in time and size
    answers    what a body says, whole or as a stream
    refusals   what a refusal means; which failures end a run stands there
    images     how many images a refusal allows
    learned    what a server wants otherwise, for the rest of a run

Nothing is sent anywhere but to the given URL; a key is read from $OPENAI_API_KEY if the server wants one.
"""

from whenabouts.grounders.llm.engines.openai.engine import OpenAIEngine
from whenabouts.grounders.llm.engines.openai.usage import Usage

__all__ = ["OpenAIEngine", "Usage"]
