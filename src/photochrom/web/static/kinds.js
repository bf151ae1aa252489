// Files that are photos, and those that are films, by their names.

const PICTURES = /\.(jpe?g|jpe|jfif|png|tiff?|webp|avif|hei[cf]|jp2|gif|bmp)$/i;
const FILMS = /\.(mp4|m4v|mov|mkv|avi|mpe?g|mts|m2ts|ts|webm|wmv|flv|3gp|ogv|dv|vob)$/i;

export const isPicture = (file) => file.type.startsWith("image/") || PICTURES.test(file.name);
export const isFilm = (file) => file.type.startsWith("video/") || FILMS.test(file.name ?? "");
