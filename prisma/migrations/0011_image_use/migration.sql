-- When an engine's images were used last, by SQL only: what has not been used for the longest time is removed first.
CREATE TABLE image_use (
    engine TEXT NOT NULL, -- the engine's own id
    image TEXT NOT NULL, -- tag, or the name of a volume
    used_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (engine, image)
);

-- Why a worker takes no job now; null: it does.
ALTER TABLE worker ADD COLUMN not_ready TEXT;
