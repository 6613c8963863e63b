// The 120 breeds of Stanford Dogs (Khosla et al., 2011) among ImageNet's 1,000 classes: names as
// the dataset's folders have them (after the first hyphen), in the order of ImageNet's indices.
// ImageNet's dalmatian (251) is not among them.

const NAMES = `
 Chihuahua Japanese_spaniel Maltese_dog Pekinese Shih-Tzu Blenheim_spaniel papillon toy_terrier
Rhodesian_ridgeback Afghan_hound basset beagle bloodhound bluetick black-and-tan_coonhound
Walker_hound English_foxhound redbone borzoi Irish_wolfhound Italian_greyhound whippet Ibizan_hound
Norwegian_elkhound otterhound Saluki Scottish_deerhound Weimaraner Staffordshire_bullterrier
American_Staffordshire_terrier Bedlington_terrier Border_terrier Kerry_blue_terrier Irish_terrier
Norfolk_terrier Norwich_terrier Yorkshire_terrier wire-haired_fox_terrier Lakeland_terrier
Sealyham_terrier Airedale cairn Australian_terrier Dandie_Dinmont Boston_bull miniature_schnauzer
giant_schnauzer standard_schnauzer Scotch_terrier Tibetan_terrier silky_terrier
soft-coated_wheaten_terrier West_Highland_white_terrier Lhasa flat-coated_retriever
curly-coated_retriever golden_retriever Labrador_retriever Chesapeake_Bay_retriever
German_short-haired_pointer vizsla English_setter Irish_setter Gordon_setter Brittany_spaniel
clumber English_springer Welsh_springer_spaniel cocker_spaniel Sussex_spaniel Irish_water_spaniel
kuvasz schipperke groenendael malinois briard kelpie komondor Old_English_sheepdog
Shetland_sheepdog collie Border_collie Bouvier_des_Flandres Rottweiler German_shepherd Doberman
miniature_pinscher Greater_Swiss_Mountain_dog Bernese_mountain_dog Appenzeller EntleBucher boxer
bull_mastiff Tibetan_mastiff French_bulldog Great_Dane Saint_Bernard Eskimo_dog malamute
Siberian_husky affenpinscher basenji pug Leonberg Newfoundland Great_Pyrenees Samoyed Pomeranian
chow keeshond Brabancon_griffon Pembroke Cardigan toy_poodle miniature_poodle standard_poodle
Mexican_hairless dingo dhole African_hunting_dog
`

const DALMATIAN = 251

/** Breed names. */
export const STANFORD_DOGS: readonly string[] = NAMES.trim().split(/\s+/)

/** ImageNet's index of each breed: 151 to 268 without 251, then 273 to 275. */
export const STANFORD_DOG_CLASSES: readonly number[] = [
  ...Array.from({ length: 118 }, (_, index) => 151 + index).filter((index) => index !== DALMATIAN),
  273,
  274,
  275,
]
