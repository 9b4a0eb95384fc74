-- People are found by the beginning of the name they show, too.

ALTER TABLE users ADD KEY users_display_name (display_name);
