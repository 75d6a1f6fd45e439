import type { Messages } from './messages.js';

export const fr: Messages = {
  languageName: 'Français',
  title: 'Images partagées',
  contactHeading: 'À qui s’adresser',
  tryAgain: 'Réessayer',
  reference: 'Référence',
  pages: {
    expired: {
      heading: 'Ce lien a expiré',
      happened: 'Les liens de partage ne fonctionnent que pour un temps, et celui-ci est arrivé à son terme.',
      whatToDo:
        'Demandez un nouveau lien à la personne ou au service qui vous l’a envoyé. Votre appareil n’est pas en cause.',
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
