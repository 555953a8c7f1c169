-- Prices of audio, pictures and units that are no tokens. A class whose price is NULL has none of its own: its tokens cost
-- what the class they are part of costs, so that every price that was ever set goes on meaning what it meant.
-- Tokens and characters cost nanocredits per 1,000,000; an image made and a second of sound heard cost them each.

ALTER TABLE price_versions
    ADD COLUMN audio_prompt     bigint CHECK (audio_prompt >= 0),
    ADD COLUMN audio_completion bigint CHECK (audio_completion >= 0),
    ADD COLUMN image_prompt     bigint CHECK (image_prompt >= 0),
    ADD COLUMN image_completion bigint CHECK (image_completion >= 0),
    ADD COLUMN image            bigint NOT NULL DEFAULT 0 CHECK (image >= 0),
    ADD COLUMN second           bigint NOT NULL DEFAULT 0 CHECK (second >= 0),
    ADD COLUMN character        bigint NOT NULL DEFAULT 0 CHECK (character >= 0);

ALTER TABLE routes
    ADD COLUMN cost_audio_prompt     bigint CHECK (cost_audio_prompt >= 0),
    ADD COLUMN cost_audio_completion bigint CHECK (cost_audio_completion >= 0),
    ADD COLUMN cost_image_prompt     bigint CHECK (cost_image_prompt >= 0),
    ADD COLUMN cost_image_completion bigint CHECK (cost_image_completion >= 0),
    ADD COLUMN cost_image            bigint NOT NULL DEFAULT 0 CHECK (cost_image >= 0),
    ADD COLUMN cost_second           bigint NOT NULL DEFAULT 0 CHECK (cost_second >= 0),
    ADD COLUMN cost_character        bigint NOT NULL DEFAULT 0 CHECK (cost_character >= 0);

-- The counters that few requests have, NULL where none is above 0, so that an ordinary row stays as small as it was:
-- audio_prompt_tokens, audio_completion_tokens, image_prompt_tokens, image_completion_tokens, images, seconds, characters.
ALTER TABLE requests ADD COLUMN units jsonb;
