"""PostgreSQL's schema, step by step (Alembic). A released step is never changed; a change is a step of its own."""
