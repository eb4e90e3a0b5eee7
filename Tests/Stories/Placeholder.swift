enum StoriesPlaceholder {}
