-- name: orchestrator_variable
-- What a Prefect Variable holds, in the store of a Prefect server.
SELECT value FROM public.variable WHERE name = %(name)s;

-- name: orchestrator_variable_set
-- Let a Prefect Variable that is there hold something else.
UPDATE public.variable SET value = CAST(%(value)s AS json), updated = now() WHERE name = %(name)s;

-- name: orchestrator_block
-- A block as the store keeps it: encrypted, whole.
SELECT b.data FROM public.block_document AS b JOIN public.block_type AS t ON t.id = b.block_type_id
 WHERE b.name = %(name)s AND t.slug = %(slug)s;

-- name: orchestrator_key
-- The key that the store's blocks are encrypted with.
SELECT value ->> 'fernet_key' FROM public.configuration WHERE key = 'ENCRYPTION_KEY';

-- name: orchestrator_pool
-- How a work pool makes a job of a run, in the store of a Prefect server.
SELECT base_job_template FROM public.work_pool WHERE name = %(name)s;
