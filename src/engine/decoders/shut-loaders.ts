/**
 * The loaders of libvips that stay shut, all but Jpeg, Png, Webp, Tiff and Heif: those that sharp's libvips has (a test
 * compares them) and those that one built elsewhere may have. They are named one by one, because the state is one for all
 * threads: to shut all and open some again would refuse a picture that another thread decodes in between.
 */
export const SHUT_LOADERS: readonly string[] =
  'Analyze Csv DcRaw Fits Jp2k Jxl Magick Magick7 Mat Matrix Nifti Nsgif Openexr Openslide Pdf Ppm Rad Raw Svg Uhdr Vips'.split(
    ' ',
  )
