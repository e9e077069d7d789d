# One image for everything: dialogue, actions and front desk, with the model trained while it is built.
FROM python:3.10-slim-bookworm AS build
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
COPY bot/__init__.py bot/
COPY actions/__init__.py actions/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir uv==0.9.30 \
    && UV_PROJECT_ENVIRONMENT=/app/.venv .venv/bin/uv sync --frozen --no-dev --no-cache
COPY . .
RUN .venv/bin/erstkontakt train && rm -rf .rasa

FROM python:3.10-slim-bookworm
RUN useradd --create-home --uid 10001 erstkontakt
WORKDIR /app
COPY --from=build /app /app
RUN mkdir -p /app/var && chown -R erstkontakt /app/var
USER erstkontakt
# The container's own address: who may reach it is decided where its port is published.
ENV ERSTKONTAKT_HOST=0.0.0.0 PATH=/app/.venv/bin:$PATH
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["erstkontakt", "run", "--no-demo", "--no-train"]
