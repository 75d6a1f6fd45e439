import type { Messages } from './messages.js';

export const fr: Messages = {
  languageName: 'Français',
  title: 'Images partagées',
  problemTitle: 'Erreur\u00a0: {title}',
  problemHeading: 'Veuillez vérifier votre saisie',
  contactHeading: 'À qui s’adresser',
  languageHeading: 'Langue',
  tryAgain: 'Réessayer',
  reference: 'Référence',
  facts: {
    shared: 'Ce qui est partagé',
    examination: 'Images médicales de {count}\u00a0examen',
    examinations: 'Images médicales de {count}\u00a0examens',
    images: 'Images médicales',
    by: 'Partagé par',
    until: 'Disponible jusqu’au',
    opens: 'Ouverture le',
    wait: 'Temps d’attente',
  },
  actions: {
    viewers: 'Comment souhaitez-vous voir les images\u202f?',
    open: 'Ouvrir les images',
    openWith: 'Ouvrir dans {viewer}',
    download: 'Télécharger les images',
    viewerNotOffered: 'Cet affichage n’est pas disponible. Veuillez en choisir un autre.',
  },
  pin: {
    label: 'Code PIN',
    hint: 'L’expéditeur vous l’a donné séparément du lien, par exemple par téléphone ou sur papier.',
    missing: 'Veuillez saisir le code PIN.',
    refused: 'Ce code PIN n’est pas le bon. Veuillez le vérifier et réessayer.',
  },
  birthDate: {
    label: 'Date de naissance du patient',
    hint: 'Par exemple, 27 3 1980.',
    day: 'Jour',
    month: 'Mois',
    year: 'Année',
    missing: 'Veuillez saisir le jour, le mois et l’année de naissance.',
    impossible: 'Cette date n’existe pas. Veuillez vérifier le jour, le mois et l’année.',
    refused: 'Cette date de naissance n’est pas la bonne. Veuillez la vérifier et réessayer.',
  },
  emailCode: {
    explanation: 'Pour protéger les images, nous envoyons d’abord un code à {address}.',
    send: 'M’envoyer le code',
    have: 'J’ai déjà un code',
    label: 'Code reçu par e-mail',
    hint: 'Six chiffres, envoyés à {address}. Cela peut prendre une minute\u202f; regardez aussi dans les courriers indésirables.',
    hintPlain:
      'Six chiffres, envoyés à votre adresse e-mail. Cela peut prendre une minute\u202f; regardez aussi dans les courriers indésirables.',
    sendAgain: 'Envoyer un nouveau code',
    missing: 'Veuillez saisir le code reçu par e-mail.',
    refused: 'Ce code n’est pas le bon, ou il est trop ancien. Veuillez le vérifier ou en demander un nouveau.',
  },
  pages: {
    link: {
      heading: 'Des images ont été partagées avec vous',
      happened: 'Elles vous sont destinées. Merci de ne pas transmettre ce lien.',
      whatToDo: 'Vous pouvez les ouvrir ici, sur votre téléphone ou sur un ordinateur.',
    },
    opening: {
      heading: 'Vos images s’ouvrent',
      happened: 'Elles vont s’afficher dans un instant.',
      whatToDo: 'Si rien ne se passe, utilisez le bouton.',
    },
    downloading: {
      heading: 'Votre téléchargement commence',
      happened: 'Le fichier peut être volumineux et prendre un certain temps.',
      whatToDo:
        'Conservez-le en lieu sûr\u00a0: il contient des images médicales. Si rien ne se passe, utilisez le bouton.',
    },
    scheduled: {
      heading: 'Ce lien n’est pas encore ouvert',
      happened: 'Il a été préparé à l’avance et fonctionnera à partir d’une date ultérieure.',
      whatToDo: 'Conservez-le et ouvrez-le à nouveau à ce moment-là.',
    },
    expired: {
      heading: 'Ce lien a expiré',
      happened: 'Les liens de partage ne fonctionnent que pour un temps, et celui-ci est arrivé à son terme.',
      whatToDo:
        'Demandez un nouveau lien à la personne ou au service qui vous l’a envoyé. Votre appareil n’est pas en cause.',
    },
    'viewer-expired': {
      heading: 'Votre temps de consultation est écoulé',
      happened: 'Pour protéger les images, elles ne restent ouvertes qu’un temps limité.',
      whatToDo: 'Pour les revoir, ouvrez à nouveau le lien que vous avez reçu.',
    },
    'used-up': {
      heading: 'Ce lien a déjà servi',
      happened: 'Il ne pouvait être ouvert qu’un certain nombre de fois, et ce nombre est atteint.',
      whatToDo: 'Si vous avez encore besoin de voir les images, demandez un nouveau lien à l’expéditeur.',
    },
    locked: {
      heading: 'Ce lien est bloqué',
      happened: 'Il y a eu trop de saisies incorrectes\u00a0: nous l’avons bloqué pour protéger les images.',
      whatToDo: 'Demandez un nouvel accès à la personne ou au service qui vous l’a envoyé.',
    },
    revoked: {
      heading: 'Ce lien a été retiré',
      happened: 'Les personnes qui l’avaient partagé l’ont fermé\u00a0: il ne donne plus accès aux images.',
      whatToDo: 'Si vous avez encore besoin de les voir, demandez un nouveau lien à l’expéditeur.',
    },
    invalid: {
      heading: 'Ce lien ne fonctionne pas',
      happened: 'Nous ne le reconnaissons pas. Une partie a pu se perdre lors d’une copie ou d’un transfert.',
      whatToDo: 'Ouvrez-le à nouveau depuis le message d’origine, ou demandez un nouveau lien à l’expéditeur.',
    },
    incomplete: {
      heading: 'Ce lien est incomplet',
      happened: 'L’adresse ouverte ne contient pas tout ce qu’il nous faut pour retrouver vos images.',
      whatToDo: 'Revenez au message que vous avez reçu et touchez-y le lien, plutôt que de le copier.',
    },
    'not-for-here': {
      heading: 'Ce lien ne peut pas être ouvert ici',
      happened: 'Il est prévu pour un autre usage, et cette page n’a rien à afficher pour lui.',
      whatToDo: 'Demandez à la personne qui vous l’a remis comment l’ouvrir, ou un lien pour voir les images.',
    },
    'too-many-attempts': {
      heading: 'Veuillez patienter un peu',
      happened: 'Il y a eu trop d’essais en peu de temps.',
      whatToDo: 'Vous pourrez réessayer après le temps d’attente. Gardez bien votre lien.',
    },
    unavailable: {
      heading: 'Impossible d’ouvrir votre lien pour le moment',
      happened: 'Notre service ne répond pas comme il le devrait. Ni vous ni votre appareil n’y êtes pour rien.',
      whatToDo: 'Réessayez dans quelques minutes, et gardez bien votre lien.',
    },
    preview: {
      heading: 'Un lien privé',
      happened: 'Ce qui est partagé ici est réservé à son destinataire.',
      whatToDo: 'Ouvrez le lien dans un navigateur web pour le voir.',
    },
    'not-found': {
      heading: 'Il n’y a rien ici',
      happened: 'Cette adresse ne mène à aucune page.',
      whatToDo: 'Si vous avez reçu un lien, ouvrez-le directement depuis le message.',
    },
  },
};
